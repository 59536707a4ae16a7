import type { FamilySample, MetricFamily } from "@narthex/exposition";
import { compareBytewise } from "@narthex/model";

/** A problem that the linter has found in a metric. */
export interface LintProblem {
  readonly metric: string;
  readonly text: string;
}

/** Base unit for each unit that may occur in a metric name. */
const UNITS: ReadonlyMap<string, string> = new Map([
  ...["amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "moles", "seconds", "volts"].map(
    (unit) => [unit, unit] as const,
  ),
  ["minutes", "seconds"],
  ["hours", "seconds"],
  ["days", "seconds"],
  ["weeks", "seconds"],
  ["kelvins", "kelvin"],
  ["fahrenheit", "celsius"],
  ["rankine", "celsius"],
  ["inches", "meters"],
  ["yards", "meters"],
  ["miles", "meters"],
  ["bits", "bytes"],
  ["calories", "joules"],
  ["pounds", "grams"],
  ["ounces", "grams"],
]);

const PREFIXES = "pico nano micro milli centi deci deca hecto kilo kibi mega mibi giga gibi tera tebi peta pebi".split(
  " ",
);

const ABBREVIATIONS = "s ms us ns sec b kb mb gb tb pb m h d".split(" ");

const TYPE_WORDS = ["counter", "gauge", "summary", "histogram", "gauge_histogram"];

type Lint = (family: MetricFamily) => readonly string[];

const unit: Lint = ({ name }) => {
  for (const word of name.split("_")) {
    const prefix = PREFIXES.find((candidate) => word.startsWith(candidate) && UNITS.has(word.slice(candidate.length)));
    const base = UNITS.get(word) ?? (prefix === undefined ? undefined : UNITS.get(word.slice(prefix.length)));
    if (base !== undefined) return base === word ? [] : [`use base unit "${base}" instead of "${word}"`];
  }
  return [];
};

const holdsWord = (name: string, word: string): boolean => name.includes(`_${word}_`) || name.endsWith(`_${word}`);

const counter: Lint = ({ name, type }) => {
  const total = name.endsWith("_total");
  if (type === "counter" && !total) return ['counter metrics should have "_total" suffix'];
  if (type !== "counter" && type !== "unknown" && total) {
    return ['non-counter metrics should not have "_total" suffix'];
  }
  return [];
};

const reserved: Lint = (family) => {
  const { name, type } = family;
  if (type === "unknown") return [];
  const histogram = type === "histogram";
  const problems: string[] = [];
  if (!histogram && name.endsWith("_bucket")) {
    problems.push('non-histogram metrics should not have "_bucket" suffix');
  }
  for (const suffix of ["_count", "_sum"]) {
    if (!histogram && type !== "summary" && name.endsWith(suffix)) {
      problems.push(`non-histogram and non-summary metrics should not have "${suffix}" suffix`);
    }
  }
  for (const { labels } of seriesOf(family)) {
    for (let i = 0; i < labels.length; i += 2) {
      if (labels[i] === "le" && !histogram) problems.push('non-histogram metrics should not have "le" label');
      if (labels[i] === "quantile" && type !== "summary") {
        problems.push('non-summary metrics should not have "quantile" label');
      }
    }
  }
  return problems;
};

const camelCase: Lint = (family) => {
  const mixed = /[a-z][A-Z]/;
  const problems: string[] = [];
  if (mixed.test(family.name)) problems.push("metric names should be written in 'snake_case' not 'camelCase'");
  for (const { labels } of seriesOf(family)) {
    for (let i = 0; i < labels.length; i += 2) {
      if (mixed.test(labels[i]!)) problems.push("label names should be written in 'snake_case' not 'camelCase'");
    }
  }
  return problems;
};

const duplicates: Lint = (family) => {
  const seen = new Set<string>();
  for (const { labels } of seriesOf(family)) {
    const pairs: string[] = [];
    for (let i = 0; i < labels.length; i += 2) pairs.push(JSON.stringify([labels[i], labels[i + 1]]));
    const key = pairs.sort().join();
    if (seen.has(key)) return ["metric not unique"];
    seen.add(key);
  }
  return [];
};

const LINTS: readonly Lint[] = [
  ({ help }) => (help === undefined ? ["no help text"] : []),
  unit,
  counter,
  reserved,
  ({ name }) =>
    TYPE_WORDS.filter((word) => holdsWord(name.toLowerCase(), word)).map(
      (word) => `metric name should not include type '${word}'`,
    ),
  ({ name }) => (name.includes(":") ? ["metric names should not contain ':'"] : []),
  camelCase,
  ({ name }) =>
    ABBREVIATIONS.some((word) => holdsWord(name.toLowerCase(), word))
      ? ["metric names should not contain abbreviated units"]
      : [],
  duplicates,
];

/**
 * Returns one sample for each series. For histograms and summaries these are the `_count` samples, which have no `le`
 * or `quantile` label.
 */
function seriesOf({ type, samples }: MetricFamily): readonly FamilySample[] {
  if (type !== "histogram" && type !== "summary") return samples;
  return samples.filter(({ suffix }) => suffix === "_count");
}

/** Returns all problems of the metric families, sorted by metric, then by text. */
export function lintFamilies(families: readonly MetricFamily[]): LintProblem[] {
  const problems = families.flatMap((family) =>
    LINTS.flatMap((lint) => lint(family).map((text): LintProblem => ({ metric: family.name, text }))),
  );
  return problems.sort((a, b) => compareBytewise(a.metric, b.metric) || compareBytewise(a.text, b.text));
}
