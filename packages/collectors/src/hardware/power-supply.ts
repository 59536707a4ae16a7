import { flagKinds } from "@narthex/runtime";
import { integerAttribute } from "../host-files/attribute.ts";
import { defineCollector, type DynamicEmitter } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { compileFlag } from "../device-filter.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { withDriverFiles } from "../host-files/read-ahead.ts";
import { gauge, type MetricSpec } from "../metric.ts";

const IGNORED = "collector.powersupply.ignored-supplies";

const RAW = 1;
const MICRO = 1e6;
const TENTHS = 10;

const specOf = (name: string): MetricSpec =>
  gauge(`node_power_supply_${name}`, `${name} value of /sys/class/power_supply/<power_supply>.`, ["power_supply"]);

const NAMES_BY_DIVISOR: readonly (readonly [divisor: number, names: string])[] = [
  [
    RAW,
    "authentic calibrate capacity capacity_alert_max capacity_alert_min cycle_count=cyclecount online present " +
      "time_to_empty_now=time_to_empty_seconds time_to_full_now=time_to_full_seconds",
  ],
  [
    MICRO,
    "current_boot current_max current_now=current_ampere energy_empty energy_empty_design energy_full " +
      "energy_full_design energy_now=energy_watthour voltage_boot voltage_max voltage_max_design voltage_min " +
      "voltage_min_design voltage_now=voltage_volt voltage_ocv charge_control_limit charge_control_limit_max " +
      "charge_counter charge_empty charge_empty_design charge_full charge_full_design charge_now=charge_ampere " +
      "charge_term_current constant_charge_current constant_charge_current_max constant_charge_voltage " +
      "constant_charge_voltage_max precharge_current input_current_limit power_now=power_watt",
  ],
  [
    TENTHS,
    "temp=temp_celsius temp_alert_max=temp_alert_max_celsius temp_alert_min=temp_alert_min_celsius " +
      "temp_ambient=temp_ambient_celsius temp_ambient_max=temp_ambient_max_celsius " +
      "temp_ambient_min=temp_ambient_min_celsius temp_max=temp_max_celsius temp_min=temp_min_celsius",
  ],
];

/** Files of a power supply, each with its metric and the divisor of its number. */
const VALUES = NAMES_BY_DIVISOR.flatMap(([divisor, names]) =>
  names.split(" ").map((pair) => {
    const [file, name = file] = pair.split("=");
    return { file: file!, metric: specOf(name!), divisor };
  }),
);

const WORDS = [
  "capacity_level",
  "charge_type",
  "health",
  "manufacturer",
  "model_name",
  "serial_number",
  "status",
  "technology",
  "type",
  "usb_type",
  "scope",
];

/** All files of a power supply that the collector reads. */
const FILES: ReadonlySet<string> = new Set([...VALUES.map(({ file }) => file), ...WORDS]);

/** Exports batteries and mains from /sys/class/power_supply. */
export const powerSupply = defineCollector({
  name: "powersupplyclass",
  enabled: true,
  flags: { [IGNORED]: flagKinds.text("^$", "Regexp of power supplies to ignore for powersupplyclass collector.") },
  metrics: {},
  open({ settings }) {
    const ignored = compileFlag(IGNORED, settings.text(IGNORED));
    return ({ sys }, emit) => {
      if (sys.real("class/power_supply") === undefined) throw new NoDataError("no power supplies");
      const names = sys.list("class/power_supply").filter((name) => !ignored.test(name));
      const folders = names.map((name) => `class/power_supply/${name}`);
      const slow = folders.flatMap((folder) =>
        sys.list(folder).flatMap((file) => (FILES.has(file) ? `${folder}/${file}` : [])),
      );
      return withDriverFiles(sys, slow, (ready) => {
        for (const name of names) emitSupply(ready, name, emit);
      });
    };
  },
});

function emitSupply(sys: FileTree, name: string, emit: DynamicEmitter): void {
  const folder = `class/power_supply/${name}`;
  for (const { file, metric, divisor } of VALUES) {
    const number = integerAttribute(sys, `${folder}/${file}`);
    if (number !== undefined) emit.dynamic(metric, number / divisor, name);
  }
  const words = WORDS.map((file) => [file, sys.value(`${folder}/${file}`) ?? ""] as const).filter(
    ([, word]) => word !== "",
  );
  const labels = ["power_supply", ...words.map(([file]) => file)];
  const info = gauge("node_power_supply_info", "info of /sys/class/power_supply/<power_supply>.", labels);
  emit.dynamic(info, 1, name, ...words.map(([, word]) => word));
}
