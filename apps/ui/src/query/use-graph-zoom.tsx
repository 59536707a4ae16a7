import type { ResolvedTimeRange } from "@narthex/dashboards";
import { type ReactNode, useState } from "react";
import type { TimelessPanel } from "../query-link/panel.ts";
import { useTimeRange } from "../time/time-range-context.ts";
import { rangeBetween, type TimeRange } from "../time/time-range.ts";
import { QueryZoomNote } from "./later-parts.tsx";

interface Zoom {
  readonly selected: ResolvedTimeRange;
  readonly range: TimeRange;
  readonly before: TimeRange;
}

/**
 * Returns the function that zooms to a range that the user selected in a graph, and the note about the zoom. The note is
 * shown until the query has another range.
 */
export function useGraphZoom(panel: TimelessPanel): {
  readonly zoom: (range: ResolvedTimeRange) => void;
  readonly note: ReactNode;
} {
  const { range, changeRange } = useTimeRange();
  const [zoomed, setZoomed] = useState<Zoom>();
  const zoom = (selected: ResolvedTimeRange): void => {
    const next = rangeBetween(selected.from / 1000, selected.to / 1000);
    setZoomed({ selected, range: next, before: range });
    changeRange(next);
  };
  const isShown = zoomed !== undefined && zoomed.range.endMs === range.endMs && zoomed.range.rangeMs === range.rangeMs;
  const note = isShown && (
    <QueryZoomNote
      key={`${range.endMs} ${range.rangeMs}`}
      panel={panel}
      range={zoomed.selected}
      onUndo={() => changeRange(zoomed.before)}
      onEnd={() => setZoomed(undefined)}
    />
  );
  return { zoom, note };
}
