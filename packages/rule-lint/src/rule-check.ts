import type { Severity } from "./finding.ts";
import type { LintContext } from "./lint-context.ts";
import type { LintedRule, Subject } from "./linted-rule.ts";

/** Reports a finding of a check: the part of the rule, what is wrong, and what to do. */
export type ReportFinding = (subject: Subject, message: string, remedy: string, severity?: Severity) => void;

/** A check of rules. To add one, create a file in `checks/` and a line in `checks/registry.ts`. */
export interface RuleCheck {
  readonly name: string;
  /** Severity of its findings, unless a policy sets another one or a finding has its own. */
  readonly severity: Severity;
  /** Sentence of the documentation about the findings. */
  readonly help: string;
  check(rule: LintedRule, context: LintContext, report: ReportFinding): void | Promise<void>;
}
