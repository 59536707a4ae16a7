export { DiscoveryManager, type DiscoverySet } from "./manager.ts";
export { discoveryMetrics } from "./metrics.ts";
export { discoverers } from "./registry.ts";
export { parseGroups, type TargetGroup } from "./target-group.ts";
export {
  MonitorManager,
  type MonitorManagerOptions,
  type MonitorStatus,
  type RuleObjects,
} from "./kinds/kubernetes/monitors/monitor-manager.ts";
export { jobDiscoveryKinds } from "./job-discovery.ts";
