/** Endings that series of a family may add to its name, by the family's type. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  histogram: ["_bucket", "_sum", "_count"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count"],
  info: ["_info"],
};

/** Types whose family may carry the ending itself. */
const NAMED_WITH_ENDING = new Set(["counter", "info"]);

const CUMULATIVE = new Set(["counter", "histogram", "summary"]);

/** Is a series of this name one of the family? Bodies may have series behind metadata that is not theirs. */
export function isFamilyMember(name: string, family: string, type: string): boolean {
  if (!name.startsWith(family)) return false;
  const endings = ENDINGS[type] ?? [];
  return without(name, endings) === (NAMED_WITH_ENDING.has(type) ? without(family, endings) : family);
}

/** Does the series count something up, so that it has a beginning? Of a summary its quantiles do not. */
export function isCumulative(name: string, family: string, type: string): boolean {
  if (type === "summary" && !name.endsWith("_count") && !name.endsWith("_sum")) return false;
  return CUMULATIVE.has(type) && isFamilyMember(name, family, type);
}

function without(name: string, endings: readonly string[]): string {
  const ending = endings.find((text) => name.endsWith(text));
  return ending === undefined ? name : name.slice(0, name.length - ending.length);
}
