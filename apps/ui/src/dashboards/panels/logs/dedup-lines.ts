/** Rule that decides whether a log line is equal to the previous line. */
export type DedupStrategy = "none" | "exact" | "numbers" | "signature";

const ISO_DATE = /\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d[,.]\d{1,9}(?:[+-][0-2]\d:[0-5]\d|Z)/g;

/** Returns the part of a log line that is compared with other lines. */
const comparedPart: Readonly<Record<Exclude<DedupStrategy, "none">, (text: string) => string>> = {
  exact: (text) => text.replaceAll(ISO_DATE, ""),
  numbers: (text) => text.replaceAll(/\d/g, ""),
  signature: (text) => text.replaceAll(/\w/g, ""),
};

/**
 * Merges each log line that is equal to the previous one into it. `count` of a line is the number of lines that it
 * represents.
 */
export function dedupLines<T extends { readonly text: string }>(
  lines: readonly T[],
  strategy: DedupStrategy,
): readonly (T & { readonly count: number })[] {
  const kept: (T & { count: number })[] = [];
  let last: string | undefined;
  for (const line of lines) {
    const part = strategy === "none" ? undefined : comparedPart[strategy](line.text);
    if (part !== undefined && part === last) kept.at(-1)!.count++;
    else kept.push({ ...line, count: 1 });
    last = part;
  }
  return kept;
}
