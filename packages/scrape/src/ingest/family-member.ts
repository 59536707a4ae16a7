/** Suffixes that the names of a metric family's series may have, by the family's type. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total"],
  histogram: ["_bucket", "_sum", "_count"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count"],
  info: ["_info"],
};

/** Metric types for which the name of the family itself may end with the suffix. */
const NAMED_WITH_ENDING = new Set(["counter", "info"]);

const CUMULATIVE = new Set(["counter", "histogram", "summary"]);

/**
 * Reports whether a series belongs to a metric family by its name. A scraped body may contain a series after the
 * metadata of a family to which the series does not belong.
 */
export function isFamilyMember(name: string, family: string, type: string): boolean {
  if (!name.startsWith(family)) return false;
  const endings = ENDINGS[type] ?? [];
  return without(name, endings) === (NAMED_WITH_ENDING.has(type) ? without(family, endings) : family);
}

/**
 * Reports whether a series is cumulative and therefore has a start time. The quantiles of a summary are not cumulative.
 */
export function isCumulative(name: string, family: string, type: string): boolean {
  if (type === "summary" && !name.endsWith("_count") && !name.endsWith("_sum")) return false;
  return CUMULATIVE.has(type) && isFamilyMember(name, family, type);
}

function without(name: string, endings: readonly string[]): string {
  const ending = endings.find((text) => name.endsWith(text));
  return ending === undefined ? name : name.slice(0, name.length - ending.length);
}
