export { ScrapeManager, type ScrapeManagerOptions, type ScrapeSettings } from "./manager.ts";
export {
  relabelGroups,
  type RelabelStepView,
  type RelabelView,
  relabelView,
  type RelabeledTarget,
} from "./target/relabel-view.ts";
export { TargetError } from "./target/target-settings.ts";
export { type BuiltTargets, buildTargets } from "./target/target-set.ts";
export type { TargetGroup, TargetGroupsByJob } from "./target/target-groups.ts";
export type { ExternalAddress } from "./target/target-url.ts";
export type {
  ActiveTarget,
  DroppedTarget,
  MetricMetadataRow,
  TargetMetadata,
  TargetsData,
  TargetViews,
} from "./pool/target-views.ts";
