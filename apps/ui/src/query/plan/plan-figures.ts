import type { PlanPart } from "../../api/narthex.ts";
import { humanizeDuration } from "../../format/duration.ts";
import { formatInstantWithZone } from "../../format/instant.ts";
import { formatBytes, formatCount } from "../../format/si-number.ts";

const counted = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** Formats a duration: below one millisecond in microseconds, below ten milliseconds with one decimal. */
export function shortTime(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 1) return `${Math.round(ms * 1000)}µs`;
  return ms < 10 ? `${ms.toFixed(1)}ms` : humanizeDuration(Math.round(ms));
}

const stepTexts = (steps: number): string[] => (steps > 1 ? [`${formatCount(steps)} steps`] : []);

/** Returns the measurements of an operator as texts: result size, samples read and times. */
export function figuresOf({ type, measured, steps, inputs }: PlanPart): string[] {
  if (measured === undefined) return stepTexts(steps);
  const { series, samples, samplesRead, bytesRead, selfTime, totalTime } = measured;
  return [
    ...(type === "scalar" || type === "string" ? [type] : [counted(series, "series", "series")]),
    ...(samples > 0 ? [counted(samples, "sample", "samples")] : []),
    ...(samplesRead > 0 ? [`${formatCount(samplesRead)} read`] : []),
    ...(bytesRead > 0 ? [`${formatBytes(bytesRead)} decoded`] : []),
    ...stepTexts(steps),
    `${shortTime(selfTime)} itself`,
    ...(inputs.length > 0 ? [`${shortTime(totalTime)} in all`] : []),
  ];
}

/** Returns one sentence per thread about the time spent on an operator. */
export const threadTexts = ({ measured }: PlanPart): string[] =>
  (measured?.threads ?? []).map(({ thread, workTime, otherJobsTime, serverWaitTime }) => {
    const times = [
      ...(workTime === undefined ? [] : [`${shortTime(workTime)} of work`]),
      ...(otherJobsTime === undefined || otherJobsTime === 0 ? [] : [`${shortTime(otherJobsTime)} for other jobs`]),
      ...(serverWaitTime === undefined ? [] : [`${shortTime(serverWaitTime)} of waiting for other servers`]),
    ];
    return `thread ${thread}: ${times.join(", ")}`;
  });

/** Formats an evaluation time. Times that a Date cannot represent are formatted as seconds. */
const timeText = (seconds: number, zone: string): string =>
  Number.isNaN(new Date(seconds * 1000).getTime()) ? `${seconds} s` : formatInstantWithZone(seconds * 1000, zone);

/** Returns one sentence for each series selection that an operator reads from the storage. */
export const selectionTexts = ({ selections }: PlanPart, zone: string): string[] =>
  selections.map(({ matchers, start, end, series }) => {
    const found = series === undefined ? "" : `: ${formatCount(series)} series`;
    return `reads {${matchers.join(", ")}} from the storage, ${timeText(start, zone)} to ${timeText(end, zone)}${found}`;
  });

/**
 * Returns the time that an operator itself took, without its inputs, as a fraction of the time of the whole query (0 to
 * 1).
 */
export function shareOf({ measured }: PlanPart, root: PlanPart): number {
  const whole = root.measured?.totalTime ?? 0;
  return measured === undefined || whole <= 0 ? 0 : Math.min(1, measured.selfTime / whole);
}
