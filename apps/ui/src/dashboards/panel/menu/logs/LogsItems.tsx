import { Menu } from "@mantine/core";
import { type BoundVariable, hasFeature, type Panel, queriedSource } from "@narthex/dashboards";
import { IconFileText } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useSyncExternalStore } from "react";
import { Link } from "react-router";
import { fetchVariableValues } from "../../../data/dashboard-api.ts";
import { useDashboardContext } from "../../../data/dashboard-context.ts";
import { exploreAddress } from "../../../data/explore-address.ts";
import { panelTime } from "../../../data/panel/panel-request.ts";
import { logSelector } from "./log-selector.ts";

/** Maximum number of log sources that are offered. */
const MAX_SOURCES = 5;

interface LogsItemsProps {
  readonly panelKey: string;
  readonly panel: Panel;
  readonly scoped: ReadonlyMap<string, BoundVariable>;
}

/**
 * Menu items that open the log lines of the panel's series, in the panel's time range: one for each log source that
 * knows a label of all series. Hidden for panels without metrics.
 */
export function LogsItems({ panelKey, panel, scoped }: LogsItemsProps) {
  const context = useDashboardContext();
  const { feeds, sources, lookupFor } = context;
  const feed = feeds.of(panelKey);
  const { frames } = useSyncExternalStore(feed.watch, feed.data);
  const lookup = lookupFor(scoped);
  const time = useMemo(() => panelTime(panel, scoped, context), [panel, scoped, context]);
  const hasMetrics = panel.targets.some((target) => {
    const source = queriedSource(target, panel, sources, lookup);
    return source !== undefined && hasFeature(source, "metrics");
  });
  const stores = hasMetrics ? sources.filter((source) => hasFeature(source, "logs")).slice(0, MAX_SOURCES) : [];
  const { range } = time;
  const known = useQueries({
    queries: stores.map(({ uid }) => ({
      queryKey: ["log labels", uid, range?.from, range?.to],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetchVariableValues({ uid }, "label_names()", range!, signal),
      enabled: range !== undefined,
      staleTime: Infinity,
      retry: false,
    })),
  });
  return stores.map((store, at) => {
    const names = known[at]?.data?.map(({ value }) => value);
    const expr = names === undefined ? undefined : logSelector(frames, names);
    if (expr === undefined) return null;
    const datasource = { type: store.type, uid: store.uid };
    const queries = [{ refId: "A", datasource, source: { expr, queryType: "range" } }];
    return (
      <Menu.Item
        key={store.uid}
        component={Link}
        to={exploreAddress({ queries, raw: time.raw })}
        leftSection={<IconFileText size={15} aria-hidden />}
      >
        Logs in {store.name}
      </Menu.Item>
    );
  });
}
