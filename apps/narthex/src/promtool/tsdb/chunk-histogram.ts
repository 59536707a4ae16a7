const BUCKETS = 10;
const MAX_STEP = 10_000;

/** Returns start, end and width of the buckets of a drawn histogram. */
function bucketsOf(min: number, max: number): { start: number; end: number; step: number } {
  const wanted = Math.trunc((max - min) / BUCKETS);
  let step = 10;
  while (step < wanted && step <= MAX_STEP) step *= 10;
  return { start: min - (min % step), end: max - (max % step) + step, step };
}

/** Draws a histogram of values with bars: one `#` for each per cent of `total`. */
export function chunkHistogram(what: string, values: readonly number[], total: number): string {
  if (values.length === 0) return `${what}: N/A\n\n`;
  const min = values.reduce((a, b) => Math.min(a, b), Infinity);
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const { start, end, step } = bucketsOf(min, max);
  const counts = Array.from({ length: Math.trunc((end - start) / step) + 1 }, () => 0);
  let sum = 0;
  for (const value of values) {
    sum += value;
    counts[Math.trunc((value - start) / step)]!++;
  }
  const leftWidth = String(end).length;
  const rightWidth = String(end + step).length;
  const countWidth = String(Math.max(...counts)).length;
  const lines = counts.map((count, i) => {
    const left = String(i * step + start + 1).padStart(leftWidth);
    const right = String((i + 1) * step + start).padStart(rightWidth);
    const bar = "#".repeat(Math.trunc((100 * count) / total));
    return `[${left}, ${right}]: ${String(count).padStart(countWidth)} ${bar}\n`;
  });
  const average = Math.trunc(sum / values.length);
  return `${what} (min/avg/max): ${min}/${average}/${max}\n${lines.join("")}\n`;
}
