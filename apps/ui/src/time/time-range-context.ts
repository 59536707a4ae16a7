import { createContext, use } from "react";
import { defaultTimeRange } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range and a function to change it, for example by zooming. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: Partial<TimeRange>) => void;
}

/** Provides the time range of one panel, or of several panels, for components inside. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
});

export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
