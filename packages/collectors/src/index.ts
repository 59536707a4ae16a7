export type { Collector } from "./collector.ts";
export { hostFiles, type HostPaths, ownProc } from "./host-files/host-files.ts";
export { KINDS_WITHOUT_METRICS, METRIC_KINDS, metricKinds } from "./containers/metric-kinds.ts";
export { collectorsFor, LINUX_COLLECTORS, PORTABLE_ONLY } from "./registry.ts";
export { type Collection, openCollection } from "./collection/collection.ts";
export { clockDiscipline } from "./kernel/clock-discipline.ts";
export { Settings } from "./settings.ts";
