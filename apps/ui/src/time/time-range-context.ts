import { createContext, use } from "react";
import { defaultTimeRange } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range, and the function by which a part of the page changes it, for example by zooming. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: Partial<TimeRange>) => void;
}

/** The time range of the components inside: a panel's own, or one for several panels. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
});

/** Returns the time range of this component. */
export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
