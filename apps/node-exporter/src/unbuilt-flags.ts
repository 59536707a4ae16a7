import { flagKinds, type FlagTable } from "@narthex/runtime";

/** node_exporter's collectors that this build lacks, and whether they are on there by default. */
export const UNBUILT_COLLECTORS: readonly (readonly [name: string, enabled: boolean])[] = [["perf", false]];

const notBuilt = { notBuilt: "the collector is not built" };
function text(fallback: string, help: string): FlagTable[string] {
  return flagKinds.text(fallback, help, notBuilt);
}
function flag(fallback: boolean, help: string): FlagTable[string] {
  return flagKinds.flag(fallback, help, notBuilt);
}
function list(help: string): FlagTable[string] {
  return flagKinds.list([], help, notBuilt);
}
function integer(fallback: number, help: string): FlagTable[string] {
  return flagKinds.integer(fallback, help, notBuilt);
}

/** Their flags: accepted, so that a unit file made for node_exporter starts, and named in one warning when given. */
export const UNBUILT_FLAGS: FlagTable = {
  "collector.perf.cpus": text("", "List of CPUs from which perf metrics should be collected"),
  "collector.perf.tracepoint": list("perf tracepoint that should be collected"),
  "collector.perf.disable-hardware-profilers": flag(false, "disable perf hardware profilers"),
  "collector.perf.hardware-profilers": list("perf hardware profilers that should be collected"),
  "collector.perf.disable-software-profilers": flag(false, "disable perf software profilers"),
  "collector.perf.software-profilers": list("perf software profilers that should be collected"),
  "collector.perf.disable-cache-profilers": flag(false, "disable perf cache profilers"),
  "collector.perf.cache-profilers": list("perf cache profilers that should be collected"),
};
