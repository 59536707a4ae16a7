import type { BoundVariable, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { type ReactNode, useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { without } from "../menu/panel-address.ts";

const PanelZoomNote = whenLoaded(() => import("./PanelZoomNote.tsx"), null);

/** URL parameters that contain a dashboard's time range. */
const RANGE_PARAMETERS = ["from", "to", "time", "time.window"] as const;

interface Zoom {
  readonly range: ResolvedTimeRange;
  /** URL parameters before the zoom. */
  readonly before: URLSearchParams;
}

function withRangeOf(before: URLSearchParams, params: URLSearchParams): URLSearchParams {
  const next = without(params, ...RANGE_PARAMETERS);
  for (const name of RANGE_PARAMETERS) {
    const value = before.get(name);
    if (value !== null) next.set(name, value);
  }
  return next;
}

/**
 * Returns the function that zooms to a range that the user selected in a panel, and the note about the zoom. The note is
 * shown until the dashboard has another range.
 */
export function useZoomNote(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
): { readonly onZoom: (range: ResolvedTimeRange) => void; readonly note: ReactNode } {
  const { onZoom: zoomDashboard, raw, zone } = useDashboardContext();
  const [params, setParams] = useSearchParams();
  const [zoom, setZoom] = useState<Zoom>();
  const onZoom = useCallback(
    (range: ResolvedTimeRange): void => {
      setZoom({ range, before: params });
      zoomDashboard(range);
    },
    [params, zoomDashboard],
  );
  const isShown = zoom !== undefined && raw.from === String(zoom.range.from) && raw.to === String(zoom.range.to);
  const note = isShown && (
    <PanelZoomNote
      key={`${raw.from} ${raw.to}`}
      panel={panel}
      scoped={scoped}
      range={zoom.range}
      zone={zone}
      onUndo={() => setParams((now) => withRangeOf(zoom.before, now))}
      onEnd={() => setZoom(undefined)}
    />
  );
  return { onZoom, note };
}
