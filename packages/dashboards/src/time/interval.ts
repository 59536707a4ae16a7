/** Readable query steps in ms, ascending. `below` is the raw step below which the readable step is used. */
const LADDER: readonly (readonly [below: number, step: number])[] = [
  [10, 1],
  [15, 10],
  [35, 20],
  [75, 50],
  [150, 100],
  [350, 200],
  [750, 500],
  [1500, 1000],
  [3500, 2000],
  [7500, 5000],
  [12_500, 10_000],
  [17_500, 15_000],
  [25_000, 20_000],
  [45_000, 30_000],
  [90_000, 60_000],
  [210_000, 120_000],
  [450_000, 300_000],
  [750_000, 600_000],
  [1_050_000, 900_000],
  [1_500_000, 1_200_000],
  [2_700_000, 1_800_000],
  [5_400_000, 3_600_000],
  [9_000_000, 7_200_000],
  [16_200_000, 10_800_000],
  [32_400_000, 21_600_000],
  [86_400_000, 43_200_000],
  [604_800_000, 86_400_000],
  [1_814_400_000, 604_800_000],
  [3_628_800_000, 2_592_000_000],
];
const YEAR_MS = 31_536_000_000;

/** Rounds a step to a readable one; both are in ms. */
export const roundInterval = (raw: number): number => LADDER.find(([below]) => raw < below)?.[1] ?? YEAR_MS;

/**
 * Returns a panel's query step in ms: the time range divided by the number of points, rounded to a readable step, and
 * not smaller than `minMs`.
 */
export function calculateInterval(rangeMs: number, maxDataPoints: number, minMs: number): number {
  return Math.max(roundInterval(rangeMs / Math.max(1, maxDataPoints)), minMs, 1);
}

/** Returns `$__rate_interval` in ms: the query step plus one scrape interval, but at least four scrape intervals. */
export const rateInterval = (intervalMs: number, scrapeMs: number): number =>
  Math.max(intervalMs + scrapeMs, 4 * scrapeMs);

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  M: 2_629_800_000,
  y: YEAR_MS,
};
const LIMITED = /^[<>]?\s*/;
const PART = /(\d{1,15}(?:\.\d{1,9})?)\s*(ms|[smhdwMy])/y;

/**
 * Parses a dashboard's duration to ms: `1m`, `30s`, `1h30m`, `>10s`; a number without a unit is in seconds. Returns
 * undefined for any other text.
 */
export function parseInterval(text: string): number | undefined {
  const rest = text.trim().replace(LIMITED, "");
  if (rest === "") return undefined;
  if (/^\d{1,15}(\.\d{1,9})?$/.test(rest)) return Number(rest) * 1000;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < rest.length) {
    const match = PART.exec(rest);
    if (match === null) return undefined;
    total += Number(match[1]) * UNIT_MS[match[2]!]!;
  }
  return total;
}

const SPOKEN: readonly (readonly [unit: string, ms: number])[] = [
  ["y", YEAR_MS],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/**
 * Formats a query step as the variable `$__interval`: in the largest unit that is not longer than the step, rounded
 * down.
 */
export function formatInterval(ms: number): string {
  for (const [unit, size] of SPOKEN) if (ms >= size) return `${Math.floor(ms / size)}${unit}`;
  return `${Math.max(1, Math.floor(ms))}ms`;
}
