export { ScrapeManager, type ScrapeManagerOptions, type ScrapeSettings } from "./manager.ts";
export { type RelabelStepView, type RelabelView, relabelView, type TargetVerdict } from "./relabel-view.ts";
export { type BuiltTargets, buildTargets } from "./target-set.ts";
export type { TargetGroup, TargetSets } from "./target-sets.ts";
export type { OutsideView } from "./target-url.ts";
export type {
  ActiveTarget,
  DroppedTarget,
  MetricMetadataRow,
  TargetMetadata,
  TargetsData,
  TargetViews,
} from "./target-views.ts";
