import { Matcher, METRIC_NAME } from "@narthex/model";
import { type Expr, parseSelector, type VectorSelector, walk } from "@narthex/promql";

/**
 * Which metrics a selector is about, as a text: `=name` of one, `~{…}` with tests of the name, `*` where it names none: it
 * has no test of the name, or only such as any name passes or that say what it is not.
 */
export type MetricReference = string;

/** Reads metrics whatever they are called. */
export const ANY_METRIC: MetricReference = "*";

export const exactReference = (name: string): MetricReference => `=${name}`;

/** The name has to pass all matchers. */
export const testReference = (matchers: readonly Matcher[]): MetricReference => `~{${matchers.map(String).join(",")}}`;

/** The metrics that an expression reads. */
export function referencesOf(root: Expr): ReadonlySet<MetricReference> {
  const found = new Set<MetricReference>();
  walk(root, (expr, path) => {
    if (expr.kind === "vectorSelector" && !isOfInfo(expr, path)) found.add(referenceOf(expr));
    if (expr.kind === "call" && expr.func === "info") found.add(infoReference(expr.args[1]));
  });
  return found;
}

/** Names that have nothing in common but that metrics may be called so: a pattern that all of them match names no metric. */
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

/** Do tests of the name say which metrics are meant, rather than all, or all but some? */
const nameMetrics = (matchers: readonly Matcher[]): boolean =>
  matchers.some((matcher) => (matcher.type === "=" || matcher.type === "=~") && !isPassedByAny(matcher));

function referenceOf({ matchers }: VectorSelector): MetricReference {
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  const [first] = names;
  if (first === undefined || !nameMetrics(names)) return ANY_METRIC;
  return names.length === 1 && first.type === "=" ? exactReference(first.value) : testReference(names);
}

/** The second argument of info() looks like a selector of all metrics, and is about info metrics alone. */
const isOfInfo = (expr: Expr, path: readonly Expr[]): boolean => {
  const around = path.at(-1);
  return around?.kind === "call" && around.func === "info" && around.args[1] === expr;
};

function infoReference(data: Expr | undefined): MetricReference {
  const names = data?.kind === "vectorSelector" ? data.matchers.filter(({ name }) => name === METRIC_NAME) : [];
  return names.length === 0 ? exactReference("target_info") : testReference(names);
}

/** Metrics that are used, asked by name. */
export class UsedMetrics {
  /** Something reads metrics without naming them, which makes none used. */
  readsUnnamed = false;
  readonly #names = new Set<string>();
  readonly #tests: (readonly Matcher[])[] = [];

  /** References that cannot be read any more are left out. */
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
