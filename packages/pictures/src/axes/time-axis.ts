import { civilTime, epochOf, formatTime, offsetAt, timeTickFormat } from "@narthex/dashboards";

export interface TimeTick {
  /** Unix ms. */
  readonly time: number;
  readonly text: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTH = 28 * DAY;

const STEPS = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 4, 7, 14].map((count) => count * DAY),
];
const MONTHS = [1, 2, 3, 6, 12, 24, 60, 120];
const MOST_TICKS = 40;

/** Returns round times between two times, in a time zone, with labels. `most` is the number of labels with room. */
export function timeTicks(from: number, to: number, zone: string, most: number): TimeTick[] {
  const distance = (to - from) / Math.max(1, Math.min(MOST_TICKS, most));
  if (!(distance > 0)) return [];
  const step = STEPS.find((one) => one >= distance);
  const months = MONTHS.find((count) => count * MONTH >= distance) ?? MONTHS.at(-1)!;
  const times = step === undefined ? monthStarts(from, to, zone, months) : roundTimes(from, to, zone, step);
  const format = timeTickFormat(step ?? months * MONTH, to - from);
  return times.map((time) => ({ time, text: formatTime(time, zone, format) }));
}

/** Returns the times at which the local clock shows a multiple of the step. */
function roundTimes(from: number, to: number, zone: string, step: number): number[] {
  const times: number[] = [];
  let local = Math.ceil((from + offsetAt(from, zone)) / step) * step;
  for (let i = 0; i < 2 * MOST_TICKS; i++, local += step) {
    const guess = local - offsetAt(local, zone);
    const time = local - offsetAt(guess, zone);
    if (time > to) break;
    // If the clocks skip or repeat an hour, two local times can be the same moment.
    if (time >= from && time > (times.at(-1) ?? -Infinity)) times.push(time);
  }
  return times;
}

function monthStarts(from: number, to: number, zone: string, months: number): number[] {
  const { year, month } = civilTime(from, zone);
  const first = Math.ceil((year * 12 + month - 1) / months) * months;
  const times: number[] = [];
  for (let i = 0; i < 2 * MOST_TICKS; i++) {
    const at = first + i * months;
    const start = { year: Math.floor(at / 12), month: (at % 12) + 1, day: 1, hour: 0, minute: 0, second: 0 };
    const time = epochOf({ ...start, millisecond: 0 }, zone);
    if (time > to) break;
    if (time >= from) times.push(time);
  }
  return times;
}
