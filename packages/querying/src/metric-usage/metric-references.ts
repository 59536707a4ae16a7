import { Matcher, METRIC_NAME } from "@narthex/model";
import { type Expr, parseSelector, type VectorSelector, walk } from "@narthex/promql";

/**
 * Text for the metrics that a selector reads: `=name` for one metric, `~{…}` for names that match matchers, or `*` for
 * any name. `*` is also used for matchers that accept every name or only exclude names.
 */
export type MetricReference = string;

/** Reference for a selector that reads metrics of any name. */
const ANY_METRIC: MetricReference = "*";

export const exactReference = (name: string): MetricReference => `=${name}`;

/** Returns the reference text for metrics whose names match all of the matchers. */
export const testReference = (matchers: readonly Matcher[]): MetricReference => `~{${matchers.map(String).join(",")}}`;

/** Returns the metrics that an expression reads. */
export function referencesOf(root: Expr): ReadonlySet<MetricReference> {
  const found = new Set<MetricReference>();
  walk(root, (expr, path) => {
    if (expr.kind === "vectorSelector" && !isOfInfo(expr, path)) found.add(referenceOf(expr));
    if (expr.kind === "call" && expr.func === "info") found.add(infoReference(expr.args[1]));
  });
  return found;
}

/** Metric names that have no common part. A pattern that matches all of them does not select particular metrics. */
const UNLIKE_NAMES = [
  "a",
  "Z",
  "_",
  ":x",
  "q9",
  "process_cpu_seconds_total",
  "job:REQUESTS:rate5m",
  `x${"yZ_7".repeat(12)}`,
];

const isPassedByAny = (matcher: Matcher): boolean => UNLIKE_NAMES.every((name) => matcher.matches(name));

/** Returns whether matchers of the name select particular metrics, and not all metrics or all except some. */
const nameMetrics = (matchers: readonly Matcher[]): boolean =>
  matchers.some((matcher) => (matcher.type === "=" || matcher.type === "=~") && !isPassedByAny(matcher));

function referenceOf({ matchers }: VectorSelector): MetricReference {
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  const [first] = names;
  if (first === undefined || !nameMetrics(names)) return ANY_METRIC;
  return names.length === 1 && first.type === "=" ? exactReference(first.value) : testReference(names);
}

/**
 * Returns whether a selector is the second argument of info(). Such a selector looks like a selector of all metrics,
 * but reads only info metrics.
 */
const isOfInfo = (expr: Expr, path: readonly Expr[]): boolean => {
  const around = path.at(-1);
  return around?.kind === "call" && around.func === "info" && around.args[1] === expr;
};

function infoReference(data: Expr | undefined): MetricReference {
  const names = data?.kind === "vectorSelector" ? data.matchers.filter(({ name }) => name === METRIC_NAME) : [];
  return names.length === 0 ? exactReference("target_info") : testReference(names);
}

/** The metrics that queries, rules and dashboards use. */
export class UsedMetrics {
  /** Whether any selector reads metrics of every name. Such a selector does not count as use of a metric. */
  readsUnnamed = false;
  readonly #names = new Set<string>();
  readonly #tests: (readonly Matcher[])[] = [];

  /** Adds the metrics that a selector reads. Ignores a reference text that this version can no longer parse. */
  add(reference: MetricReference): void {
    if (reference.startsWith("=")) this.#names.add(reference.slice(1));
    else if (reference.startsWith("~")) {
      const parsed = parseSelector(reference.slice(1));
      if (!parsed.ok) return;
      if (nameMetrics(parsed.matchers)) this.#tests.push(parsed.matchers);
      else this.readsUnnamed = true;
    } else if (reference === ANY_METRIC) this.readsUnnamed = true;
  }

  has(name: string): boolean {
    return this.#names.has(name) || this.#tests.some((matchers) => matchers.every((one) => one.matches(name)));
  }
}
