export { RULE_CHECKS } from "./checks/registry.ts";
export { NEVER_SELECTED } from "./checks/stored-series.ts";
export { type EvaluatedTime, evaluatedData } from "./data/evaluated-data.ts";
export { DataError, type InstantResult, type StoredData } from "./data/stored-data.ts";
export { type Finding, findingLine, type Severity } from "./finding.ts";
export {
  CHECK_NAMES,
  type CostOfRule,
  lintRules,
  type LintedFile,
  type LintReport,
  type LintRequest,
} from "./lint-rules.ts";
export type { Policy } from "./policy/policy.ts";
export { parsePolicy } from "./policy/policy-file.ts";
