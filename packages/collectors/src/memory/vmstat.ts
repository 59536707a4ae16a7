import { flagKinds } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { keepMatching } from "../device-filter.ts";
import { floatOf } from "../host-files/kernel-number.ts";
import { linesOf } from "../host-files/kernel-text.ts";
import { type MetricSpec, unknown } from "../metric.ts";

const FIELDS = "collector.vmstat.fields";

/** Exports counters of the memory manager: the fields of /proc/vmstat that match the flag's expression. */
export const vmstat = defineCollector({
  name: "vmstat",
  enabled: true,
  flags: {
    [FIELDS]: flagKinds.text("^(oom_kill|pgpg|pswp|pg.*fault).*", "Regexp of fields to return for vmstat collector."),
  },
  metrics: {},
  open({ settings }) {
    const isWanted = keepMatching(settings, FIELDS);
    const specs = new Map<string, MetricSpec>();
    const specFor = (field: string): MetricSpec => {
      let spec = specs.get(field);
      if (spec === undefined) {
        spec = unknown(`node_vmstat_${field}`, `/proc/vmstat information field ${field}.`);
        specs.set(field, spec);
      }
      return spec;
    };
    return ({ proc }, emit) => {
      for (const line of linesOf(proc.read("vmstat"))) {
        const blank = line.indexOf(" ");
        const field = line.slice(0, Math.max(blank, 0));
        // Throws for an invalid number, so that the whole file fails, even if the field is not exported.
        const value = floatOf(line.slice(blank + 1).trim(), "vmstat");
        if (blank > 0 && isWanted(field)) emit.dynamic(specFor(field), value);
      }
    };
  },
});
