export { ScrapeManager, type ScrapeManagerOptions, type ScrapeSettings } from "./manager.ts";
export { type RelabelStepView, type RelabelView, relabelView, type RelabeledTarget } from "./target/relabel-view.ts";
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
