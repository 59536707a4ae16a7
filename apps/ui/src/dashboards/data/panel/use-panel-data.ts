import { type BoundVariable, type Panel, panelKey } from "@narthex/dashboards";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useDashboardContext } from "../dashboard-context.ts";
import type { PanelData } from "../panel-data.ts";
import type { PanelFeed } from "./panel-feed.ts";
import { panelRequest } from "./panel-request.ts";

interface PanelDataInput {
  readonly panel: Panel;
  /**
   * Key under which the panel's data is kept, if it differs from the panel's own key. The key distinguishes the panel
   * from its clones and from a copy that is being edited.
   */
  readonly feedKey?: string | undefined;
  /** Variables of a repeated panel, which override the dashboard's variables. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  /** Width of the panel's content, CSS pixels; 0 until it is measured. */
  readonly width: number;
  /** Whether the panel is visible. A panel that is not visible sends no requests and shows its old data. */
  readonly isEnabled: boolean;
}

/** Returns the feed of a panel of the dashboard, and requests the panel's data through it. */
export function usePanelFeed({ panel, feedKey, scoped, width, isEnabled }: PanelDataInput): PanelFeed {
  const context = useDashboardContext();
  const { feeds } = context;
  const key = feedKey ?? panelKey(panel.id);
  const feed = useMemo(() => feeds.of(key), [feeds, key]);
  const request = useMemo(() => panelRequest(panel, scoped, width, context), [panel, scoped, width, context]);
  const isOwn = isEnabled && width > 0;
  useEffect(() => (isOwn ? feed.own() : undefined), [feed, isOwn]);
  useEffect(() => {
    if (isOwn) feed.request(request);
  }, [feed, request, isOwn]);
  return feed;
}

/** Returns the data of a feed. The component is rendered again when the data changes. */
export const useFeedData = (feed: PanelFeed): PanelData => useSyncExternalStore(feed.watch, feed.data);
