import { calculateInterval, parseInterval, type ResolvedTimeRange } from "@narthex/dashboards";
import { useEffect, useEffectEvent } from "react";
import { monotonicMs } from "../time/browser-clock.ts";

/** Value of the interval setting that means: compute the refresh interval from the time range. */
export const AUTO_INTERVAL = "auto";
/** Refresh intervals that are offered if the dashboard defines none. */
const usualIntervals: readonly string[] = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];
/**
 * Approximate number of points in a panel. The interval `auto` is at least the time range divided by this number, so
 * that each refresh can add a point.
 */
const POINTS = 1000;
/** Longest delay of a browser's timer, ms. */
const LONGEST_MS = 2_147_483_647;

/**
 * Returns the time between refreshes, ms, at least `minMs`. Returns null if the interval is empty or not a duration.
 */
export function refreshEvery(interval: string, range: ResolvedTimeRange, minMs: number): number | null {
  if (interval === AUTO_INTERVAL) return calculateInterval(range.to - range.from, POINTS, minMs);
  const ms = parseInterval(interval);
  return ms === undefined || !(ms > 0) ? null : Math.min(LONGEST_MS, Math.max(ms, minMs));
}

/** Returns the intervals that the user can select: valid durations of at least `minMs`, and the current interval. */
export function offeredIntervals(intervals: readonly string[], interval: string, minMs: number): readonly string[] {
  const offered = intervals.length === 0 ? usualIntervals : intervals;
  const fitting = offered.filter((each) => (parseInterval(each) ?? 0) >= Math.max(1, minMs));
  const isKnown = interval === "" || interval === AUTO_INTERVAL || fitting.includes(interval);
  return [...new Set(isKnown || parseInterval(interval) === undefined ? fitting : [...fitting, interval])];
}

/**
 * Calls `onDue` at an interval while the page is visible. If calls were due while the page was hidden, `onDue` is
 * called once when the page becomes visible.
 * @returns a function that stops the calls
 */
function whileVisible(intervalMs: number, onDue: () => void): () => void {
  let last = monotonicMs();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return;
    timer = setTimeout(due, Math.max(0, last + intervalMs - monotonicMs()));
  };
  const due = (): void => {
    last = monotonicMs();
    onDue();
    schedule();
  };
  document.addEventListener("visibilitychange", schedule);
  schedule();
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", schedule);
  };
}

/** Calls `onRefresh` at an interval while the component is mounted. If the interval is null, never calls it. */
export function useAutoRefresh(intervalMs: number | null, onRefresh: () => void): void {
  const refresh = useEffectEvent(onRefresh);
  useEffect(() => (intervalMs === null ? undefined : whileVisible(intervalMs, () => refresh())), [intervalMs]);
}
