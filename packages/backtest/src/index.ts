export type { AlertSpan } from "./alert-spans.ts";
export { TooManyRecordedError } from "./recorded-series.ts";
export type { ReplayedGroup } from "./replayed-group.ts";
export type { ReplayedRule, ReplayFailures } from "./replayed-rule.ts";
export { replayRules, type ReplayRequest } from "./replay-rules.ts";
