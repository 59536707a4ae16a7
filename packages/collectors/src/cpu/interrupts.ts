import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { keepAndDrop } from "../device-filter.ts";
import { floatOf, signedOrNone } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { counter } from "../metric.ts";

const NAMES = { include: "collector.interrupts.name-include", exclude: "collector.interrupts.name-exclude" };
const ZEROS = "collector.interrupts.include-zeros";

/** Exports interrupts by line and CPU from /proc/interrupts. */
export const interrupts = defineCollector({
  name: "interrupts",
  enabled: false,
  flags: {
    [NAMES.include]: flagKinds.text(
      "",
      "Regexp of interrupts name to include (mutually exclusive to --collector.interrupts.name-exclude).",
    ),
    [NAMES.exclude]: flagKinds.text(
      "",
      "Regexp of interrupts name to exclude (mutually exclusive to --collector.interrupts.name-include).",
    ),
    [ZEROS]: flagKinds.flag(true, "Include interrupts that have a zero value"),
  },
  metrics: { total: counter("node_interrupts_total", "Interrupt details.", ["cpu", "type", "info", "devices"]) },
  open({ settings }) {
    const isWanted = keepAndDrop(settings, NAMES);
    const withZeros = settings.boolean(ZEROS);
    return ({ proc }, emit) => {
      const [heading, ...lines] = linesOf(proc.read("interrupts"));
      if (heading === undefined) throw new Error("interrupts: the file is empty");
      const cpus = fieldsOf(heading).length;
      for (const line of lines) {
        const colon = line.indexOf(":");
        const parts = fieldsOf(line.slice(colon + 1));
        // Skips lines with a single number for all CPUs (ERR, MIS).
        if (colon === -1 || parts.length <= cpus) continue;
        const type = line.slice(0, colon).trimStart();
        // Whether the interrupt has a number. Interrupts such as LOC have no number, and a description instead of
        // devices.
        const isNumbered = signedOrNone(type) !== undefined;
        const info = isNumbered ? parts[cpus]! : parts.slice(cpus).join(" ");
        const devices = isNumbered ? parts.slice(cpus + 1).join(" ") : "";
        if (!isWanted(`${type};${info};${devices}`)) continue;
        for (let cpu = 0; cpu < cpus; cpu++) {
          const value = floatOf(parts[cpu], `interrupts: ${type}`);
          if (value !== 0 || withZeros) emit.total(value, String(cpu), type, info, devices);
        }
      }
    };
  },
});
