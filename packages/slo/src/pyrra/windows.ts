import { DAY } from "../alert-windows.ts";

const MINUTE = 60_000;
const PERIOD = 28 * DAY;

/** A pair of windows of Pyrra's alerts. */
export interface PyrraWindow {
  readonly severity: "critical" | "warning";
  readonly forMs: number;
  readonly longMs: number;
  readonly shortMs: number;
  readonly factor: number;
}

/** Windows for 28 days in minutes: severity, for, long, short, factor. */
const FOUR_WEEKS = [
  ["critical", 2, 60, 5, 14],
  ["critical", 15, 360, 30, 7],
  ["warning", 60, 1440, 120, 2],
  ["warning", 180, 5760, 360, 1],
] as const;

/** Returns the windows of an objective: those for 28 days, scaled to its window and rounded to minutes. */
export const pyrraWindows = (windowMs: number): readonly PyrraWindow[] =>
  FOUR_WEEKS.map(([severity, wait, long, short, factor]) => {
    const scaled = (minutes: number): number => Math.round((windowMs * minutes * MINUTE) / PERIOD / MINUTE) * MINUTE;
    return { severity, forMs: scaled(wait), longMs: scaled(long), shortMs: scaled(short), factor };
  });

/** Interval of the rules over the whole window, ms: half a minute more for each week. */
export function increaseIntervalMs(windowMs: number): number {
  const weeks = Math.min(7, Math.floor(windowMs / (7 * DAY)));
  return (weeks + 1) * 30_000;
}

/** Returns after how long without samples the alert on absent series fires. */
export function absentForMs(windowMs: number, target: number): number {
  const [first] = pyrraWindows(windowMs) as [PyrraWindow];
  const seconds = Math.trunc(first.factor * (1 - target) * (first.longMs / 1000));
  return Math.round((seconds * 1000 + first.forMs) / MINUTE) * MINUTE;
}
