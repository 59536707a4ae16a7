import { compareBytewise, compareLabels, Labels } from "@narthex/model";
import type { GroupSpec } from "@narthex/rules";

export interface DuplicateRule {
  readonly metric: string;
  readonly labels: Labels;
}

/**
 * Returns the rules of a file that have the same name and labels as an earlier rule. Each name and label set is
 * returned once.
 */
export function duplicateRules(groups: readonly GroupSpec[]): DuplicateRule[] {
  const rules = groups.flatMap((group) =>
    group.rules.map(({ name, labels }): DuplicateRule => ({ metric: name, labels: Labels.of(labels) })),
  );
  rules.sort((a, b) => compareBytewise(a.metric, b.metric) || compareLabels(a.labels, b.labels));
  return rules.filter((rule, i) => {
    const same = (other: DuplicateRule | undefined): boolean =>
      other !== undefined && other.metric === rule.metric && other.labels.equals(rule.labels);
    return same(rules[i - 1]) && !same(rules[i - 2]);
  });
}

/** Formats duplicate rules as promtool does. */
export function printDuplicates(duplicates: readonly DuplicateRule[]): string {
  const parts = duplicates.map(
    ({ metric, labels }) =>
      `Metric: ${metric}\nLabel(s):\n${[...labels].map(([name, value]) => `\t${name}: ${value}\n`).join("")}`,
  );
  const head = `lint error ${duplicates.length} duplicate rule(s) found.\n`;
  return `${head}${parts.join("")}Might cause inconsistency while recording expressions\n`;
}
