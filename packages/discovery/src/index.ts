export { DiscoveryManager, type DiscoveryManagerOptions, type DiscoverySet, type TargetSets } from "./manager.ts";
export { type DiscoveryMetrics, discoveryMetrics } from "./metrics.ts";
export { definePolled } from "./polled.ts";
export type { Emit, Mechanism, PolledKind, ProviderContext, Refresh, WatchedKind } from "./provider.ts";
export { discoveryMechanisms } from "./registry.ts";
export { parseGroups, type TargetGroup } from "./target-group.ts";
export { defineWatched } from "./watched.ts";
