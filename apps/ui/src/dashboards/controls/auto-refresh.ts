import { calculateInterval, parseInterval, type ResolvedTimeRange } from "@narthex/dashboards";
import { useEffect, useEffectEvent } from "react";
import { monotonicMs } from "../../time/browser-clock.ts";

/** Stands for an interval that follows the range of time. */
export const AUTO_INTERVAL = "auto";
/** What dashboards offer that name no intervals. */
export const usualIntervals: readonly string[] = ["5s", "10s", "30s", "1m", "5m", "15m", "30m", "1h", "2h", "1d"];
/** Points that a panel has about room for: news come no faster than one of them. */
const POINTS = 1000;
/** Timers of browsers count to 2³¹. */
const LONGEST_MS = 2_147_483_647;

/** How often to ask again, ms, at least the least; null where nobody asked for it or the text is no duration. */
export function refreshEvery(interval: string, range: ResolvedTimeRange, leastMs: number): number | null {
  if (interval === AUTO_INTERVAL) return calculateInterval(range.to - range.from, POINTS, leastMs);
  const ms = parseInterval(interval);
  return ms === undefined || !(ms > 0) ? null : Math.min(LONGEST_MS, Math.max(ms, leastMs));
}

/** Intervals that may be chosen: those that are durations and not below the least, and the one that holds. */
export function offeredIntervals(intervals: readonly string[], interval: string, leastMs: number): readonly string[] {
  const offered = intervals.length === 0 ? usualIntervals : intervals;
  const fitting = offered.filter((each) => (parseInterval(each) ?? 0) >= Math.max(1, leastMs));
  const isKnown = interval === "" || interval === AUTO_INTERVAL || fitting.includes(interval);
  return [...new Set(isKnown || parseInterval(interval) === undefined ? fitting : [...fitting, interval])];
}

/**
 * Calls back at an interval while the page is in sight. A page that comes back into sight has what is overdue at once, and once.
 *
 * @returns ends it
 */
export function whileVisible(intervalMs: number, onDue: () => void): () => void {
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

/** Refreshes at an interval for as long as the component is there; null is never. */
export function useAutoRefresh(intervalMs: number | null, onRefresh: () => void): void {
  const refresh = useEffectEvent(onRefresh);
  useEffect(() => (intervalMs === null ? undefined : whileVisible(intervalMs, () => refresh())), [intervalMs]);
}
