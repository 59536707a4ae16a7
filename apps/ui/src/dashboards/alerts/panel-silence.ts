import { type Matcher, matchersOf } from "../../alertmanager/matcher-filter.ts";
import type { LabelSet } from "../../format/series-name.ts";
import type { MarkedAlert } from "./marked-alert.ts";

/** Labels that distinguish the parts of a series, and that alerts do not have. */
const PARTS: ReadonlySet<string> = new Set(["__name__", "le", "quantile"]);

/**
 * Returns the matchers of a silence that is created from a panel. They match the firing alerts on it by their names and
 * common labels. If none is firing, they match the common labels of the panel's series.
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

/** Returns a regular expression that matches exactly this text. */
export const literalPattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
