import type { Alert, AlertState, Rule, RuleGroup, RuleHealth } from "../api/rule-data.ts";
import { matchesSearch, searchText } from "../shell/text-search.ts";

export const alertStates: readonly AlertState[] = ["inactive", "pending", "firing", "unknown"];

export const ruleHealths: readonly RuleHealth[] = ["ok", "unknown", "err"];

/** A rule group with the rules that match the filters, and whether the group has rules at all. */
export interface FilteredGroup<R extends Rule> {
  readonly group: RuleGroup<R>;
  readonly rules: readonly R[];
}

/** Filters the rules in groups. A group without a matching rule is kept without rules. */
export function filterRules<R extends Rule>(
  groups: ReadonlyArray<RuleGroup<R>>,
  search: string,
  accepts: (rule: R) => boolean,
): Array<FilteredGroup<R>> {
  return groups.map((group) => ({
    group,
    rules: group.rules.filter(
      (rule) => accepts(rule) && (search === "" || matchesSearch(searchText(rule.labels ?? {}, rule.name), search)),
    ),
  }));
}

const urgency: Readonly<Record<AlertState, number>> = { firing: 0, pending: 1, unknown: 2, inactive: 3 };

/** Sorts alerts: firing ones first, then those active for the longest time. */
export function sortAlerts(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort(
    (left, right) => urgency[left.state] - urgency[right.state] || (left.activeAt < right.activeAt ? -1 : 1),
  );
}

/** Returns one page of a list. Pages are numbered from 1. A number beyond the end returns the last page. */
export function pageOf<T>(
  items: readonly T[],
  page: number,
  size: number,
): { items: readonly T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(items.length / size));
  const valid = Math.min(Math.max(1, Number.isInteger(page) ? page : 1), pages);
  return { items: items.slice((valid - 1) * size, valid * size), page: valid, pages };
}
