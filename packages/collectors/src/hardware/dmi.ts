import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { gauge } from "../metric.ts";

/** Labels, each with its file in /sys/class/dmi/id. All labels but one have the same name as their file. */
const LABELS: readonly (readonly [label: string, file: string])[] = [
  ..."bios_date bios_release bios_vendor bios_version board_asset_tag board_name board_serial board_vendor".split(" "),
  ..."board_version chassis_asset_tag chassis_serial chassis_vendor chassis_version product_family".split(" "),
  ..."product_name product_serial product_sku product_uuid product_version".split(" "),
]
  .map((name) => [name, name] as const)
  .concat([["system_vendor", "sys_vendor"]]);

const HELP =
  "A metric with a constant '1' value labeled by bios_date, bios_release, bios_vendor, bios_version, board_asset_tag, " +
  "board_name, board_serial, board_vendor, board_version, chassis_asset_tag, chassis_serial, chassis_vendor, " +
  "chassis_version, product_family, product_name, product_serial, product_sku, product_uuid, product_version, " +
  "system_vendor if provided by DMI.";

type Values = readonly (readonly [label: string, value: string])[];

/**
 * Exports data about board, chassis and firmware from the readable files in /sys/class/dmi/id. The files change only
 * with a reboot.
 */
export const dmi = defineCollector({
  name: "dmi",
  enabled: true,
  metrics: {},
  open() {
    let values: Values | undefined;
    return ({ sys }, emit) => {
      values ??= readValues(sys);
      if (values.length === 0) throw new NoDataError("no DMI information");
      const labels = values.map(([label]) => label);
      emit.dynamic(gauge("node_dmi_info", HELP, labels), 1, ...values.map(([, value]) => value));
    };
  },
});

const readValues = (sys: FileTree): Values =>
  LABELS.flatMap(([label, file]) => {
    const value = sys.value(`class/dmi/id/${file}`);
    return value === undefined ? [] : [[label, value] as const];
  });
