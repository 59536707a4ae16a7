import { type Field, type Frame, isNumeric } from "@narthex/dashboards";
import type { LabelSet } from "../../../format/series-name.ts";
import type { ValueTest } from "./label-tests.ts";
import { passes, type ReadMetric } from "./read-metrics.ts";

/** The properties of an alerting rule that decide on which plots its alerts are marked. */
export interface WatchedRule {
  readonly name: string;
  /** Labels that the rule sets; a value may be a template. */
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  /** The rule's `for`, ms. */
  readonly durationMs: number;
  readonly metrics: readonly ReadMetric[];
}

/** The properties of a silence that decide which alerts it silences. */
export interface WatchedSilence {
  readonly tests: readonly { readonly label: string; readonly test: ValueTest; readonly isNegated: boolean }[];
}

/** The properties of a time series plot that decide which alerts are marked on it. */
export interface WatchedPlot {
  readonly dashboardUid: string;
  readonly panelId: number;
  readonly metrics: ReadonlyMap<string, readonly ReadMetric[]>;
  readonly series: SeriesLabels;
}

/** Maximum number of series whose labels are read for a plot. A plot with more series is not readable anyway. */
const MAX_SERIES = 2000;

/** The labels of a plot's series. */
export class SeriesLabels {
  readonly #values = new Map<string, Map<string, number>>();
  #count = 0;

  constructor(frames: readonly Frame[]) {
    for (const { fields } of frames)
      for (const field of fields) if (this.#count < MAX_SERIES && isSeries(field)) this.#add(field.labels ?? {});
  }

  /** Reports whether every series has the label, and none has this value. */
  lacks(label: string, value: string): boolean {
    const values = this.#values.get(label);
    if (values === undefined || values.has(value)) return false;
    let having = 0;
    for (const count of values.values()) having += count;
    return having === this.#count;
  }

  /** Returns the values of a label; undefined if no series has the label. */
  valuesOf(label: string): Iterable<string> | undefined {
    return this.#values.get(label)?.keys();
  }

  /** Returns the labels that have the same value in all series. */
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

/** Returns the labels of an alert that come from its series, without the labels that the rule sets. */
const ownLabels = (labels: LabelSet, rule: WatchedRule): readonly (readonly [string, string])[] =>
  Object.entries(labels).filter(([name]) => !NOT_OWN.has(name) && !Object.hasOwn(rule.labels, name));

/** Reports whether a rule's annotations name this panel by dashboard uid and panel id. */
const isLinked = ({ annotations }: WatchedRule, { dashboardUid, panelId }: WatchedPlot): boolean =>
  dashboardUid !== "" &&
  annotations["__dashboardUid__"] === dashboardUid &&
  annotations["__panelId__"] === String(panelId);

/**
 * Reports whether an alert with these labels can come from a rule. The label `alertname` must be the rule's name, and
 * all labels that the rule sets without a template must be equal.
 */
export const isOfRule = (labels: LabelSet, rule: WatchedRule): boolean =>
  labels["alertname"] === rule.name &&
  Object.entries(rule.labels).every(([name, value]) => value.includes("{{") || labels[name] === value);

/**
 * Reports whether an alert of a rule is marked on a plot. If the annotations of the rule name the panel, the alert is
 * marked. Otherwise the rule and the plot must read the same metric with matchers that do not exclude each other, and
 * the series must not contradict the alert's labels.
 * @param labels labels of the alert; empty for any alert of the rule
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

/** Reports whether a silence matches an alert with these labels. */
export const silences = ({ tests }: WatchedSilence, labels: LabelSet): boolean =>
  tests.length > 0 && tests.every(({ label, test }) => test(labels[label] ?? ""));

/**
 * Reports whether a silence would match alerts of a rule on a plot, even if no alert is active. A silence must have a
 * matcher for the rule's name: a silence of an instance alone would match every rule.
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
