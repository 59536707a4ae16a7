export { ScrapeManager } from "./manager.ts";
export { relabelGroups, relabelView } from "./target/relabel-view.ts";
export { TargetError } from "./target/target-settings.ts";
export { buildTargets } from "./target/target-set.ts";
export type { TargetViews } from "./pool/target-views.ts";
