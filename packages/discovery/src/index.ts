export { type Discoverer } from "./discoverer.ts";
export {
  DiscoveryManager,
  type DiscoveryManagerOptions,
  type DiscoverySet,
  type TargetGroupsByJob,
} from "./manager.ts";
export { type DiscoveryMetrics, discoveryMetrics } from "./metrics.ts";
export { discoverers } from "./registry.ts";
export { parseGroups, type TargetGroup } from "./target-group.ts";
