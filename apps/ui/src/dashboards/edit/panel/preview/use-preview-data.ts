import {
  type BoundVariable,
  expandRows,
  type Frame,
  type Panel,
  panelKey,
  repeatPanels,
  repeatValues,
  scopedVariables,
} from "@narthex/dashboards";
import { useMemo, useSyncExternalStore } from "react";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { useFeedData, usePanelFeed } from "../../../data/panel/use-panel-data.ts";
import type { PanelData } from "../../../data/panel-data.ts";
import { useDrawnPanel } from "../../../panel/stand-in.ts";
import { useSteady } from "./use-steady.ts";

/** Data of the edited panel: the results of its queries, and the data that its preview shows. */
export interface PreviewData {
  readonly answered: readonly Frame[];
  readonly shown: PanelData;
}

/**
 * Returns the data of the edited panel, in the same way as for a panel of the dashboard. Queries are sent again only if
 * they have changed.
 */
export function usePreviewData(
  panel: Panel,
  scoped: ReadonlyMap<string, BoundVariable>,
  width: number,
  isEnabled: boolean,
): PreviewData {
  const feed = usePanelFeed({
    panel: useDrawnPanel(panel),
    feedKey: `edited ${panel.id}`,
    scoped,
    width,
    isEnabled,
  });
  const shown = useFeedData(feed);
  const { frames: answered } = useSyncExternalStore(feed.watch, feed.results);
  return { answered, shown };
}

/** Returns the variables of the panel's first copy if the panel or its row is repeated. */
export function useFirstScope({ id }: Panel): ReadonlyMap<string, BoundVariable> {
  const { dashboard, states } = useDashboardContext();
  const { panels } = dashboard;
  const placed = useMemo(
    () => repeatPanels(expandRows(panels, panels), repeatValues(states)).find(({ key }) => key === panelKey(id)),
    [panels, states, id],
  );
  const scope = useSteady(placed?.scope ?? {});
  return useMemo(() => scopedVariables(scope), [scope]);
}
