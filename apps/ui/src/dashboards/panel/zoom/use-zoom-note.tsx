import type { BoundVariable, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { type ReactNode, useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { whenLoaded } from "../../../shell/when-loaded.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";

const PanelZoomNote = whenLoaded(() => import("./PanelZoomNote.tsx"), null);

/**
 * Returns the function that zooms to a range that the user selected in a panel, and the note about the zoom. The note is
 * shown until the dashboard has another range.
 */
export function useZoomNote(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
): { readonly onZoom: (range: ResolvedTimeRange) => void; readonly note: ReactNode } {
  const { onZoom: zoomDashboard, raw, zone } = useDashboardContext();
  const [params] = useSearchParams();
  const [zoom, setZoom] = useState<{ readonly range: ResolvedTimeRange; readonly before: URLSearchParams }>();
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
      {...zoom}
      key={raw.from}
      panel={panel}
      scoped={scoped}
      zone={zone}
      onEnd={() => setZoom(undefined)}
    />
  );
  return { onZoom, note };
}
