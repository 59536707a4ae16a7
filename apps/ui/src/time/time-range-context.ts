import type { CalendarSettings, ResolvedTimeRange } from "@narthex/dashboards";
import { createContext, use } from "react";
import { nowMs } from "./browser-clock.ts";
import { defaultTimeRange } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range and a function to change it, for example by zooming. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: TimeRange) => void;
  /** Resolves with the start and the end of the range at the time of the call, epoch ms. */
  readonly spanNow: () => Promise<ResolvedTimeRange>;
}

/** Resolves with the start and the end of a range now. `calendar` returns the zone and the first day of the week. */
export async function spanNowOf(
  range: TimeRange,
  calendar: () => Omit<CalendarSettings, "now"> = () => ({ zone: "UTC" }),
): Promise<ResolvedTimeRange> {
  const now = nowMs();
  if (range.raw !== null) return (await import("./raw-range.ts")).spanAt(range, { ...calendar(), now });
  const to = range.endMs ?? now;
  return { from: to - range.rangeMs, to };
}

/** Provides the time range of one panel, or of several panels, for components inside. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
  spanNow: () => spanNowOf(defaultTimeRange),
});

/** Resolves with the time for which a range shows one value: its end, Unix seconds. A range that moves ends at most now. */
export async function evaluationSeconds({ range, spanNow }: TimeRangeControl): Promise<number> {
  const { to } = await spanNow();
  return (range.raw === null ? to : Math.min(to, nowMs())) / 1000;
}

/** Returns the parts of a range for the key of a query. */
export const rangeKey = ({ rangeMs, endMs, raw }: TimeRange): readonly unknown[] => [rangeMs, endMs, raw];

export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
