export { type Collector, type CollectorContext, defineCollector, NoData } from "./collector.ts";
export { DEFAULT_PATHS, fileTree, type FileTree, type HostFiles, hostFiles, type HostPaths } from "./host-files.ts";
export { counter, gauge, type MetricSpec, unknown } from "./metric.ts";
export { collectorsFor, LINUX_COLLECTORS, PORTABLE_ONLY } from "./registry.ts";
export { type Collection, type CollectionOptions, openCollection } from "./run.ts";
export { Settings, SettingsError } from "./settings.ts";
