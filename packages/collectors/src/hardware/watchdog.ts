import { allOrNothing } from "../all-or-nothing.ts";
import { integerAttribute } from "../host-files/attribute.ts";
import { defineCollector } from "../collector.ts";
import { NoDataError } from "../no-data-error.ts";
import { gauge, type MetricSpec } from "../metric.ts";

const value = (file: string, name = file): MetricSpec =>
  gauge(`node_watchdog_${name}`, `Value of /sys/class/watchdog/<watchdog>/${file}`, ["name"]);

const VALUES: readonly (readonly [file: string, metric: MetricSpec])[] = [
  ["bootstatus", value("bootstatus")],
  ["fw_version", value("fw_version")],
  ["nowayout", value("nowayout")],
  ["timeleft", value("timeleft", "timeleft_seconds")],
  ["timeout", value("timeout", "timeout_seconds")],
  ["pretimeout", value("pretimeout", "pretimeout_seconds")],
  ["access_cs0", value("access_cs0")],
];

/** Hardware watchdogs: /sys/class/watchdog. */
export const watchdog = defineCollector({
  name: "watchdog",
  enabled: true,
  metrics: {
    info: gauge("node_watchdog_info", "Info of /sys/class/watchdog/<watchdog>", [
      "name",
      "options",
      "identity",
      "state",
      "status",
      "pretimeout_governor",
    ]),
  },
  collect({ sys }, emit) {
    if (sys.real("class/watchdog") === undefined) throw new NoDataError("no watchdogs");
    allOrNothing(emit, (held) => {
      for (const name of sys.list("class/watchdog")) {
        const read = (file: string): string | undefined => sys.value(`class/watchdog/${name}/${file}`);
        for (const [file, metric] of VALUES) {
          const number = integerAttribute(sys, `class/watchdog/${name}/${file}`);
          if (number !== undefined) held.dynamic(metric, number, name);
        }
        const words = ["options", "identity", "state", "status", "pretimeout_governor"].map((file) => read(file) ?? "");
        held.info(1, name, ...words);
      }
    });
  },
});
