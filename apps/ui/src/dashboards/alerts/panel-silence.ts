import { type Matcher, matchersOf } from "../../alertmanager/matcher-filter.ts";
import type { LabelSet } from "../../format/series-name.ts";
import type { MarkedAlert } from "./marked-alert.ts";

/** Labels that tell the parts of a series apart, and that no alert has. */
const PARTS: ReadonlySet<string> = new Set(["__name__", "le", "quantile"]);

/**
 * What a silence made from a panel is for: the alerts that fire on it, by their names and the labels that they have alike; where none
 * does, what the panel's series have alike.
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

/** An expression that matches a text as it is written. */
export const literalPattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
