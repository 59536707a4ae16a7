import { type Field, type Frame, isNumeric } from "@narthex/dashboards";
import type { LabelSet } from "../../format/series-name.ts";
import type { ValueTest } from "./label-tests.ts";
import { passes, type ReadMetric } from "./read-metrics.ts";

/** An alerting rule, as far as it says what it is about. */
export interface WatchedRule {
  readonly name: string;
  /** That it sets; a value may be a template. */
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly metrics: readonly ReadMetric[];
}

/** A silence, as far as it says which alerts it is for. */
export interface WatchedSilence {
  readonly tests: readonly { readonly label: string; readonly test: ValueTest; readonly isNegated: boolean }[];
}

/** A plot over time, as far as alerts can be about it. */
export interface WatchedPlot {
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly metrics: ReadonlyMap<string, readonly ReadMetric[]>;
  readonly series: SeriesLabels;
}

/** Series whose labels are looked at; more of them nobody tells apart. */
const MOST_SERIES = 2000;

/** The labels of a plot's series. */
export class SeriesLabels {
  readonly #values = new Map<string, Map<string, number>>();
  #count = 0;

  constructor(frames: readonly Frame[]) {
    for (const { fields } of frames)
      for (const field of fields) if (this.#count < MOST_SERIES && isSeries(field)) this.#add(field.labels ?? {});
  }

  /** Whether each series has the label, and none this value of it. */
  lacks(label: string, value: string): boolean {
    const values = this.#values.get(label);
    if (values === undefined || values.has(value)) return false;
    let having = 0;
    for (const count of values.values()) having += count;
    return having === this.#count;
  }

  /** The values of a label; undefined where no series has it. */
  valuesOf(label: string): Iterable<string> | undefined {
    return this.#values.get(label)?.keys();
  }

  /** The labels that all series have, with the same values. */
  common(): LabelSet {
    const all = [...this.#values].flatMap(([label, values]) => {
      const [only] = values;
      return values.size === 1 && only![1] === this.#count ? [[label, only![0]] as const] : [];
    });
    return Object.fromEntries(all);
  }

  #add(labels: LabelSet): void {
    this.#count++;
    for (const [label, value] of Object.entries(labels)) {
      const values = this.#values.get(label) ?? new Map<string, number>();
      this.#values.set(label, values.set(value, (values.get(value) ?? 0) + 1));
    }
  }
}

const isSeries = (field: Field): boolean => isNumeric(field) && field.type === "number";

const NOT_OWN: ReadonlySet<string> = new Set(["__name__", "alertname", "alertstate"]);

/** Labels that an alert has from its series, and not from its rule. */
const ownLabels = (labels: LabelSet, rule: WatchedRule): readonly (readonly [string, string])[] =>
  Object.entries(labels).filter(([name]) => !NOT_OWN.has(name) && !Object.hasOwn(rule.labels, name));

/** Whether a rule says itself that a panel shows what it is about. */
const isLinked = ({ annotations }: WatchedRule, { dashboardUid, panelId }: WatchedPlot): boolean =>
  dashboardUid !== "" &&
  annotations["__dashboardUid__"] === dashboardUid &&
  annotations["__panelId__"] === String(panelId);

/** Whether labels can be those of an alert of a rule: what the rule sets as it stands has to be there. */
export const isOfRule = (labels: LabelSet, rule: WatchedRule): boolean =>
  labels["alertname"] === rule.name &&
  Object.entries(rule.labels).every(([name, value]) => value.includes("{{") || labels[name] === value);

/**
 * Whether an alert of a rule is about what a plot shows: both read a metric, neither leaves out what the other is about, and one of
 * the series can be the alert's. A rule may also name the panel.
 *
 * @param labels of the alert; none where any alert of the rule is meant
 */
export function concerns(rule: WatchedRule, labels: LabelSet, plot: WatchedPlot): boolean {
  if (isLinked(rule, plot)) return true;
  const own = ownLabels(labels, rule);
  if (own.some(([name, value]) => plot.series.lacks(name, value))) return false;
  const values = new Map(own);
  return rule.metrics.some((read) =>
    plot.metrics
      .get(read.metric)
      ?.some(
        (shown) =>
          passes(shown, (label) => values.get(label) ?? read.values.get(label)) &&
          passes(read, (label) => shown.values.get(label)),
      ),
  );
}

/** Whether a silence is for an alert of these labels. */
export const silences = ({ tests }: WatchedSilence, labels: LabelSet): boolean =>
  tests.length > 0 && tests.every(({ label, test }) => test(labels[label] ?? ""));

/**
 * Whether a silence is for alerts that a rule could have of what a plot shows, though there are none now. It has to name the rule: one for
 * an instance alone is for each rule that there is.
 */
export function silencesRule({ tests }: WatchedSilence, rule: WatchedRule, plot: WatchedPlot): boolean {
  if (!tests.some(({ label, isNegated }) => label === "alertname" && !isNegated)) return false;
  return (
    tests.every(({ label, test }) => {
      if (label === "alertname") return test(rule.name);
      const set = rule.labels[label];
      if (set !== undefined) return set.includes("{{") || test(set);
      const values = plot.series.valuesOf(label);
      return values === undefined || [...values].some(test);
    }) && concerns(rule, {}, plot)
  );
}
