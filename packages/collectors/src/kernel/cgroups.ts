import { defineCollector } from "../collector.ts";
import { signedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";
import { gauge } from "../metric.ts";

/** Help text of both families, as in node_exporter. */
const HELP = "Current cgroup number of the subsystem.";

/** Exports the control group controllers and the number of groups of each, from /proc/cgroups. */
export const cgroups = defineCollector({
  name: "cgroups",
  enabled: false,
  metrics: {
    groups: gauge("node_cgroups_cgroups", HELP, ["subsys_name"]),
    enabled: gauge("node_cgroups_enabled", HELP, ["subsys_name"]),
  },
  collect({ proc }, emit) {
    const lines = linesOf(proc.read("cgroups")).filter((line) => !line.startsWith("#"));
    for (const { controller, groups, enabled } of lines.map(parse)) {
      emit.groups(groups, controller);
      emit.enabled(enabled, controller);
    }
  },
});

function parse(line: string): { controller: string; groups: number; enabled: number } {
  const [controller, hierarchy, groups, enabled] = fieldsOf(line);
  if (controller === undefined || enabled === undefined)
    throw new Error(`cgroups: expected controller, hierarchy, groups and enabled in "${line}"`);
  const where = `cgroups: ${controller}`;
  signedOf(hierarchy, where);
  return { controller, groups: signedOf(groups, where), enabled: signedOf(enabled, where) };
}
