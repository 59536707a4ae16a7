import type { RuleCost, RuleFinding, RuleLint } from "../api/narthex.ts";

/** Name of the check that finds selectors that have never matched a series. */
export const NEVER_SELECTED = "never-selected";

/** The findings and the cost of one rule. */
export interface CheckedRule {
  readonly findings: readonly RuleFinding[];
  readonly cost: RuleCost | undefined;
}

const keyOf = (file: string, group: string, index: number): string => JSON.stringify([file, group, index]);

/** Finds the findings of a rule by its file, its group and its index in the group. */
export class RuleFindings {
  readonly #findings: ReadonlyMap<string, readonly RuleFinding[]>;
  readonly #costs: ReadonlyMap<string, RuleCost>;

  constructor({ findings, costs }: Pick<RuleLint, "costs" | "findings">) {
    this.#findings = Map.groupBy(findings, ({ file, group, ruleIndex }) => keyOf(file, group, ruleIndex));
    this.#costs = new Map(costs.map((cost) => [keyOf(cost.file, cost.group, cost.ruleIndex), cost]));
  }

  of(file: string, group: string, index: number): CheckedRule {
    const key = keyOf(file, group, index);
    return { findings: this.#findings.get(key) ?? [], cost: this.#costs.get(key) };
  }
}

/** Counts the findings of each severity. */
export function countFindings(findings: readonly RuleFinding[]): string {
  const count = (severity: RuleFinding["severity"]): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return `${count("error")} errors, ${count("warning")} warnings, ${count("info")} notes`;
}
