import type { PlanPart } from "../../api/narthex.ts";
import { humanizeDuration } from "../../format/duration.ts";
import { formatCount } from "../../format/si-number.ts";

const counted = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A time of less than a millisecond in microseconds, of less than ten with a decimal. */
export function shortTime(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 1) return `${Math.round(ms * 1000)}µs`;
  return ms < 10 ? `${ms.toFixed(1)}ms` : humanizeDuration(Math.round(ms));
}

/** What a part gave and read, in words; nothing of a part that gave a number. */
export function figuresOf({ type, measured }: PlanPart): string[] {
  if (measured === undefined) return [];
  const { series, samples, samplesRead } = measured;
  return [
    ...(type === "scalar" || type === "string" ? [type] : [counted(series, "series", "series")]),
    ...(samples > 0 ? [counted(samples, "sample", "samples")] : []),
    ...(samplesRead > 0 ? [`${formatCount(samplesRead)} read`] : []),
  ];
}

/** A time that a query may ask for need not be one that a Date can hold: such a one is told in seconds. */
function timeWords(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
}

/** What of the storage a part asked for, where its expression does not say so by itself. */
export const selectionWords = ({ selections }: PlanPart): string[] =>
  selections.map(({ matchers, start, end, series }) => {
    const found = series === undefined ? "" : `: ${formatCount(series)} series`;
    return `asks the storage for {${matchers.join(", ")}} from ${timeWords(start)} to ${timeWords(end)}${found}`;
  });

/** What share of the query's time a part took by itself, without those it is made of; from 0 to 1. */
export function shareOf({ measured }: PlanPart, root: PlanPart): number {
  const whole = root.measured?.totalTime ?? 0;
  return measured === undefined || whole <= 0 ? 0 : Math.min(1, measured.selfTime / whole);
}
