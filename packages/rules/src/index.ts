export { RuleGroup } from "./group.ts";
export { loadRuleFiles, RuleManager } from "./manager.ts";
export { ruleMetrics, type RuleObserver } from "./metrics.ts";
export { alertmanagerSetName, Notifier } from "./notifier/notifier.ts";
export { parseRuleFile } from "./rule-file.ts";
export { engineQuery, type QueryElement, RuleError, type RuleQuery } from "./rule-query.ts";
export type { GroupSpec, RecordingSpec } from "./rule-spec.ts";
export { alertsAnswer, rulesAnswer } from "./rules-answer.ts";
export { slotBefore, slotOffset } from "./schedule.ts";
