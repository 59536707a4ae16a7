export { ScrapeManager, type ScrapeManagerOptions, type ScrapeSettings } from "./manager.ts";
export { type RelabelStepView, type RelabelView, relabelView, type TargetVerdict } from "./target/relabel-view.ts";
export { type BuiltTargets, buildTargets } from "./target/target-set.ts";
export type { TargetGroup, TargetSets } from "./target/target-sets.ts";
export type { OutsideView } from "./target/target-url.ts";
export type {
  ActiveTarget,
  DroppedTarget,
  MetricMetadataRow,
  TargetMetadata,
  TargetsData,
  TargetViews,
} from "./pool/target-views.ts";
