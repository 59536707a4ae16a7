import { parseMatchers } from "../../../alertmanager/matcher-filter.ts";
import { quoteString } from "../../../format/series-name.ts";
import type { LabelSet } from "../../../format/series-name.ts";
import { valueTest } from "../../data/alerts/label-tests.ts";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { type ListedAlert, type ListedRule, type ListedState, listedStates } from "./listed-rules.ts";
import { type AlertListOptions, ALPHA_DESC, IMPORTANCE, TIME_ASC, TIME_DESC } from "./options.ts";

type LabelTest = (labels: LabelSet) => boolean;

/**
 * Parses a label filter such as `{severity="critical"}`. The value of a missing label is "".
 *
 * @throws {Error} with a readable message if the text is not a filter
 */
export function labelTest(text: string): LabelTest {
  const matchers = parseMatchers(text);
  if (matchers === null)
    throw new Error(`The label filter ${quoteString(text)} is invalid. Write a filter such as {severity="critical"}.`);
  const tests = matchers.map(({ name, operator, value }): LabelTest => {
    const test = valueTest({ operator, value });
    if (test === undefined)
      throw new Error(`The label filter contains ${quoteString(value)}, which is not a valid regular expression.`);
    return (labels) => test(labels[name] ?? "");
  });
  return (labels) => tests.every((test) => test(labels));
}

export interface ChosenRules {
  readonly rules: readonly ListedRule[];
  readonly problem: string;
}

interface FilterContext {
  readonly uid: string;
  readonly fill: (text: string) => string;
}

/** Returns the rules and alerts that match the panel's options, sorted as the options say. */
export function chosenRules(
  rules: readonly ListedRule[],
  options: AlertListOptions,
  context: FilterContext,
): ChosenRules {
  const filter = context.fill(options.labelFilter).trim();
  try {
    return { rules: rulesWith(rules, options, context, labelTest(filter), filter !== ""), problem: "" };
  } catch (error) {
    return { rules: [], problem: errorSentence(error) };
  }
}

function rulesWith(
  rules: readonly ListedRule[],
  options: AlertListOptions,
  { uid, fill }: FilterContext,
  hasLabels: LabelTest,
  isFiltered: boolean,
): readonly ListedRule[] {
  const name = fill(options.alertName).toLowerCase();
  const isLinked = (annotations: LabelSet): boolean =>
    !options.isOfDashboard || annotations["__dashboardUid__"] === uid;
  const wanted = wantedStates(options);
  const isShown = ({ labels, annotations, state }: ListedAlert, rule: ListedRule): boolean =>
    wanted.has(state) && hasLabels(labels) && (isLinked(annotations) || isLinked(rule.annotations));
  const chosen = rules.flatMap((rule): readonly ListedRule[] => {
    if (!wanted.has(rule.state) || !rule.name.toLowerCase().includes(name)) return [];
    const alerts = rule.alerts.filter((alert) => isShown(alert, rule));
    // A rule without alerts is shown if the options allow inactive rules, or if the evaluation of the rule failed.
    const isWithout = rule.alerts.length === 0 && !isFiltered && isLinked(rule.annotations);
    const isKept = alerts.length > 0 || (isWithout && (options.showInactive || rule.state === "error"));
    return isKept ? [{ ...rule, alerts: sortedAlerts(alerts) }] : [];
  });
  return sortedRules(chosen, options.sortOrder);
}

function wantedStates(options: AlertListOptions): ReadonlySet<ListedState> {
  const { hasFiring, hasPending, hasRecovering, hasNormal, hasError } = options;
  const isWanted = {
    firing: hasFiring,
    error: hasError,
    recovering: hasRecovering,
    pending: hasPending,
    inactive: hasNormal,
  };
  return new Set(listedStates.filter((state) => isWanted[state]));
}

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

const urgency = new Map(listedStates.map((state, at) => [state, at]));
const urgencyOf = ({ state }: { readonly state: ListedState }): number => urgency.get(state) ?? 0;

/** Returns the time at which the oldest alert of a rule became active; undefined for a rule without alerts. */
const sinceOf = ({ alerts }: Pick<ListedRule, "alerts">): number | undefined =>
  alerts.reduce<number | undefined>(
    (least, { activeAt }) => (activeAt === null || (least ?? Infinity) <= activeAt ? least : activeAt),
    undefined,
  );

function sortedRules(rules: readonly ListedRule[], order: number): readonly ListedRule[] {
  const byName = (a: ListedRule, b: ListedRule): number => collator.compare(a.name, b.name);
  if (order === ALPHA_DESC) return rules.toSorted((a, b) => byName(b, a));
  if (order === IMPORTANCE) return rules.toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || byName(a, b));
  if (order === TIME_ASC || order === TIME_DESC) {
    const sign = order === TIME_ASC ? 1 : -1;
    const timed = rules.map((rule) => ({ rule, since: sinceOf(rule) }));
    return timed
      .toSorted((a, b) => {
        if (a.since === undefined || b.since === undefined)
          return Number(a.since === undefined) - Number(b.since === undefined);
        return sign * (a.since - b.since) || byName(a.rule, b.rule);
      })
      .map(({ rule }) => rule);
  }
  return rules.toSorted(byName);
}

/** Sorts alerts: the most urgent first, then those that have been active for the longest time. */
const sortedAlerts = (alerts: readonly ListedAlert[]): readonly ListedAlert[] =>
  alerts.toSorted((a, b) => urgencyOf(a) - urgencyOf(b) || (a.activeAt ?? Infinity) - (b.activeAt ?? Infinity) || 0);

export interface ListedGroup {
  readonly key: string;
  readonly labels: LabelSet;
  readonly alerts: readonly { readonly rule: ListedRule; readonly alert: ListedAlert }[];
}

/** Groups alerts by the values of some labels. Alerts with none of these labels form the last group. */
export function groupedAlerts(rules: readonly ListedRule[], names: readonly string[]): readonly ListedGroup[] {
  const groups = new Map<string, { labels: Record<string, string>; alerts: ListedGroup["alerts"][number][] }>();
  for (const rule of rules)
    for (const alert of rule.alerts) {
      const pairs = names.flatMap((name) =>
        Object.hasOwn(alert.labels, name) ? [[name, alert.labels[name]!] as const] : [],
      );
      const key = JSON.stringify(pairs);
      const group = groups.get(key) ?? { labels: Object.fromEntries(pairs), alerts: [] };
      group.alerts.push({ rule, alert });
      groups.set(key, group);
    }
  const unlabelledLast = ({ labels }: { labels: LabelSet }): number => Number(Object.keys(labels).length === 0);
  return [...groups]
    .map(([key, group]) => ({ key, ...group }))
    .toSorted((a, b) => unlabelledLast(a) - unlabelledLast(b) || collator.compare(a.key, b.key));
}
