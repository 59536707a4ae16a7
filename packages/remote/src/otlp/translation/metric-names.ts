import type { OtlpTranslation } from "@narthex/config";
import { GO_SPACE, trimLetters } from "@narthex/model";

/** Kind of a metric. The kind and the unit decide which suffixes the metric's name gets. */
export type MetricKind =
  | "gauge"
  | "monotonic sum"
  | "non-monotonic sum"
  | "histogram"
  | "exponential histogram"
  | "summary";

const UNITS: Readonly<Record<string, string>> = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  TiBy: "tibibytes",
  KBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  TBy: "terabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "1": "",
  "%": "percent",
};
const PER_UNITS: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year",
};
const entry = (table: Readonly<Record<string, string>>, name: string): string =>
  Object.hasOwn(table, name) ? table[name]! : name;

const BETWEEN_TOKENS = /[^A-Za-z0-9:]+/u;
const NOT_OF_NAMES = /[^A-Za-z0-9:_]+/u;
const LEADING_DIGIT = /^[0-9]/;
const BRACES = /[{}]/;

/** Returns whether a translation strategy restricts names to the characters that Prometheus 2 supports. */
export const escapesNames = (strategy: OtlpTranslation): boolean => strategy.startsWith("UnderscoreEscaping");
const addsSuffixes = (strategy: OtlpTranslation): boolean => strategy.endsWith("WithSuffixes");

/** Returns the Prometheus name of an OTLP metric, or an empty string if it has no usable characters. */
export function metricName(name: string, unit: string, kind: MetricKind, strategy: OtlpTranslation): string {
  if (!escapesNames(strategy)) return addsSuffixes(strategy) ? withSuffixes(name, unit, kind) : name;
  const escaped = addsSuffixes(strategy) ? escapedWithSuffixes(name, unit, kind) : joined(name.split(NOT_OF_NAMES));
  return LEADING_DIGIT.test(escaped) ? `_${escaped}` : escaped;
}

const joined = (tokens: readonly string[]): string => tokens.filter((token) => token !== "").join("_");

function escapedWithSuffixes(name: string, unit: string, kind: MetricKind): string {
  let tokens = name.split(BETWEEN_TOKENS).filter((token) => token !== "");
  let { main, per } = unitSuffixes(unit);
  [main, per] = [cleanUnit(main), cleanUnit(per)];
  if (tokens.includes(main)) main = "";
  per = per === "per_" ? "" : per.replace(/_$/, "");
  if (tokens.includes(per)) per = "";
  if (per !== "") main = main.replace(/_$/, "");
  if (main !== "") tokens.push(main);
  if (per !== "") tokens.push(per);
  const suffix = kindSuffix(unit, kind);
  if (suffix !== "") tokens = [...tokens.filter((token) => token !== suffix), suffix];
  return tokens.join("_");
}

/**
 * Adds the suffixes for unit and kind to a name. If the name already contains a suffix that must be last, moves the
 * suffix to the end.
 */
function withSuffixes(name: string, unit: string, kind: MetricKind): string {
  const { main, per } = unitSuffixes(unit);
  const last = [per, kindSuffix(unit, kind)].filter((suffix) => suffix !== "");
  let out = last.toReversed().reduce(withoutSuffix, name);
  if (main !== "" && !out.endsWith(main)) out += `_${main}`;
  return [out, ...last].join("_");
}

/** Removes a suffix from a name, and the separator before it. */
const withoutSuffix = (name: string, suffix: string): string =>
  name.endsWith(suffix) && name.length > suffix.length + 1 ? name.slice(0, -(suffix.length + 1)) : name;

function kindSuffix(unit: string, kind: MetricKind): string {
  if (kind === "monotonic sum") return "total";
  return kind === "gauge" && unit === "1" ? "ratio" : "";
}

/**
 * Returns the suffixes for a unit. For example, `By/s` gives `bytes` and `per_second`. Units in braces describe what is
 * counted, and add no suffix.
 */
function unitSuffixes(unit: string): { main: string; per: string } {
  const slash = unit.indexOf("/");
  const [main, per] = slash < 0 ? [unit, ""] : [unit.slice(0, slash), unit.slice(slash + 1)];
  const divisor = entry(PER_UNITS, unitText(per));
  return { main: entry(UNITS, unitText(main)), per: divisor === "" ? "" : `per_${divisor}` };
}

function unitText(text: string): string {
  const trimmed = trimLetters(text, GO_SPACE);
  return BRACES.test(trimmed) ? "" : trimmed;
}

const cleanUnit = (unit: string): string => unit.replace(/[^A-Za-z0-9:]+/gu, "_").replace(/^_/, "");

/** Returns a unit in the form in which Prometheus stores it. For example, `By/s` becomes `bytes_per_second`. */
export function unitName(unit: string): string {
  const { main, per } = unitSuffixes(unit);
  return joined([cleanUnit(main), cleanUnit(per)])
    .replace(/^_/, "")
    .replace(/_$/, "");
}
