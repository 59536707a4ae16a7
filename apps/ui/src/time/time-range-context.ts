import { createContext, use } from "react";
import { defaultTimeRange } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range and a function to change it, for example by zooming. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: Partial<TimeRange>) => void;
}

/** Provides the time range for components inside: of one panel, or shared by several. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
});

export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
