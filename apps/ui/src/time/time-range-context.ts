import type { ResolvedTimeRange } from "@narthex/dashboards";
import { createContext, use } from "react";
import { nowMs } from "./browser-clock.ts";
import { defaultTimeRange, spanAt } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range and a function to change it, for example by zooming. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: TimeRange) => void;
  /** Returns the start and the end of the range at the time of the call, epoch ms. */
  readonly spanNow: () => ResolvedTimeRange;
}

/** Provides the time range of one panel, or of several panels, for components inside. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
  spanNow: () => spanAt(defaultTimeRange, { now: nowMs(), zone: "UTC" }),
});

/** Returns the time for which a range shows one value: its end, Unix seconds. A range that moves ends at most now. */
export function evaluationSeconds({ range, spanNow }: TimeRangeControl): number {
  const { to } = spanNow();
  return (range.raw === null ? to : Math.min(to, nowMs())) / 1000;
}

/** Returns the parts of a range for the key of a query. */
export const rangeKey = ({ rangeMs, endMs, raw }: TimeRange): readonly unknown[] => [rangeMs, endMs, raw];

export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
