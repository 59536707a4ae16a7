import type { Matcher } from "../../../alertmanager/matcher-filter.ts";
import { type ValueTest, valueTest } from "./label-tests.ts";
import { type MetricSelector, metricSelectors } from "./metric-selectors.ts";

/** A metric that an expression reads, with the conditions on its labels. */
export interface ReadMetric {
  readonly metric: string;
  /** Tests that the values of labels must pass, by label name. */
  readonly tests: ReadonlyMap<string, readonly ValueTest[]>;
  /** Exact label values that the expression demands with `=`, by label name. */
  readonly values: ReadonlyMap<string, string>;
}

/** A recording rule, which stores the result of an expression under a new metric name. */
export interface Recording {
  readonly name: string;
  readonly query: string;
  /** Names of the labels that the rule sets. */
  readonly labels: readonly string[];
}

/** Maximum length of a chain of recording rules that is followed. */
const MAX_STEPS = 5;
/** Maximum number of metrics that are found for one expression. */
const MAX_METRICS = 300;
/** Maximum number of expressions whose selectors are cached. */
const MAX_KEPT = 1000;

/** Finds the metrics that an expression reads, including the metrics from which recording rules compute them. */
export class ReadMetrics {
  readonly #recordings = new Map<string, Recording[]>();
  readonly #known = new Map<string, readonly ReadMetric[]>();

  constructor(recordings: readonly Recording[]) {
    for (const recording of recordings) {
      const others = this.#recordings.get(recording.name);
      if (others === undefined) this.#recordings.set(recording.name, [recording]);
      else others.push(recording);
    }
  }

  /**
   * Returns the metrics that an expression reads. A selector without a metric name is ignored, since its metric cannot
   * be determined.
   */
  of(expression: string): readonly ReadMetric[] {
    const known = this.#known.get(expression);
    if (known !== undefined) return known;
    const read = this.#followed(metricSelectors(expression)).map(readMetric);
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(expression, read);
    return read;
  }

  #followed(selectors: readonly MetricSelector[]): readonly (MetricSelector & { readonly metric: string })[] {
    const all: (MetricSelector & { readonly metric: string })[] = [];
    const seen = new Set<string>();
    let next = selectors;
    for (let step = 0; step <= MAX_STEPS && next.length > 0; step++) {
      const here = next;
      next = [];
      for (const { metric, matchers } of here) {
        if (metric === undefined || all.length >= MAX_METRICS) continue;
        all.push({ metric, matchers });
        // The key prevents that a recording rule is followed twice with the same matchers.
        const key = JSON.stringify([metric, matchers]);
        if (seen.has(key)) continue;
        seen.add(key);
        const within = (this.#recordings.get(metric) ?? []).flatMap(({ query, labels }) =>
          metricSelectors(query).map((inner) => ({
            metric: inner.metric,
            matchers: [...inner.matchers, ...matchers.filter(({ name }) => !labels.includes(name))],
          })),
        );
        next = [...next, ...within].slice(0, MAX_METRICS);
      }
    }
    return all;
  }
}

function readMetric({ metric, matchers }: MetricSelector & { readonly metric: string }): ReadMetric {
  const tests = new Map<string, ValueTest[]>();
  const values = new Map<string, string>();
  for (const matcher of matchers) {
    const test = valueTest(matcher);
    if (test === undefined) continue;
    addTest(tests, matcher, test);
    if (matcher.operator === "=") values.set(matcher.name, matcher.value);
  }
  return { metric, tests, values };
}

function addTest(tests: Map<string, ValueTest[]>, { name }: Matcher, test: ValueTest): void {
  const others = tests.get(name);
  if (others === undefined) tests.set(name, [test]);
  else others.push(test);
}

/** Reports whether label values pass all tests of a metric. Unknown labels pass. */
export function passes({ tests }: ReadMetric, valueOf: (label: string) => string | undefined): boolean {
  for (const [label, all] of tests) {
    const value = valueOf(label);
    if (value !== undefined && !all.every((test) => test(value))) return false;
  }
  return true;
}
