import { createContext, use } from "react";
import { defaultTimeRange } from "./time-range.ts";
import type { TimeRange } from "./time-range.ts";

/** A time range and how a part of the page changes it, such as by zooming into a graph. */
export interface TimeRangeControl {
  readonly range: TimeRange;
  readonly changeRange: (change: Partial<TimeRange>) => void;
}

/** The time range of what is below: a panel's own, or one for several panels. */
export const TimeRangeContext = createContext<TimeRangeControl>({
  range: defaultTimeRange,
  changeRange: () => undefined,
});

/** The time range that this component is about. */
export const useTimeRange = (): TimeRangeControl => use(TimeRangeContext);
