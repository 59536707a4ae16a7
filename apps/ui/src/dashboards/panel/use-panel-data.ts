import { type BoundVariable, type Panel, panelKey } from "@narthex/dashboards";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { useDashboardContext } from "../page/dashboard-context.ts";
import type { PanelData } from "../query/panel-data.ts";
import { panelRequest } from "./panel-request.ts";

interface AskedPanel {
  readonly panel: Panel;
  /** Tells it from its clones, and from a copy that is edited; that of the panel where it is left out. */
  readonly feedKey?: string | undefined;
  /** Variables whose value is another than the dashboard's in this repeat. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  /** Of its content, CSS pixels; 0 until that is measured. */
  readonly width: number;
  /** Whether it is in sight: one that is not asks nothing, and shows what it has. */
  readonly isAsked: boolean;
}

/** What a panel of the dashboard shows. */
export function usePanelData({ panel, feedKey, scoped, width, isAsked }: AskedPanel): PanelData {
  const context = useDashboardContext();
  const { feeds } = context;
  const key = feedKey ?? panelKey(panel.id);
  const feed = useMemo(() => feeds.of(key), [feeds, key]);
  const request = useMemo(() => panelRequest(panel, scoped, width, context), [panel, scoped, width, context]);
  const isOwn = isAsked && width > 0;
  useEffect(() => (isOwn ? feed.own() : undefined), [feed, isOwn]);
  useEffect(() => {
    if (isOwn) feed.ask(request);
  }, [feed, request, isOwn]);
  return useSyncExternalStore(feed.watch, feed.data);
}
