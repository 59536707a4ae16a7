import { literalPattern } from "../../../format/literal-pattern.ts";
import { type Matcher, matchersOf } from "../../../alertmanager/matcher-filter.ts";
import type { LabelSet } from "../../../format/series-name.ts";
import type { MarkedAlert } from "../../contracts/marked-alert.ts";

/**
 * Labels that are not copied from series into a silence, because alerts usually lack them: the metric name, and the
 * labels `le` and `quantile` of histograms and summaries.
 */
const PARTS: ReadonlySet<string> = new Set(["__name__", "le", "quantile"]);

/**
 * Returns matchers for a new silence of a panel: the names and common labels of firing alerts, or the common labels of
 * the panel's series if none is firing.
 */
export function panelSilence(alerts: readonly MarkedAlert[], common: LabelSet): readonly Matcher[] {
  const firing = alerts.filter(({ isOngoing, isPending }) => isOngoing && !isPending);
  const [first, ...others] = firing;
  if (first === undefined)
    return matchersOf(Object.fromEntries(Object.entries(common).filter(([name]) => !PARTS.has(name))));
  const { alertname: _, ...labels } = first.labels;
  const alike = Object.entries(labels).filter(([name, value]) => others.every((alert) => alert.labels[name] === value));
  const names = [...new Set(firing.map(({ name }) => name))].toSorted();
  const named: Matcher =
    names.length === 1
      ? { name: "alertname", operator: "=", value: first.name }
      : { name: "alertname", operator: "=~", value: names.map(literalPattern).join("|") };
  return [named, ...matchersOf(Object.fromEntries(alike))];
}
