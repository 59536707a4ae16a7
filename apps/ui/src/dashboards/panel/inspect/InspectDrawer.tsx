import { Drawer, Tabs, Text } from "@mantine/core";
import { interpolate, type PlacedPanel, scopedVariables } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { classesOf } from "../../../shell/style-sheet.ts";
import { type DashboardContextValue, useDashboardContext } from "../../data/dashboard-context.ts";
import { fetchInspected, type Inspected, type InspectedPanel } from "./fetch-inspected.ts";
import { DataTab } from "./DataTab.tsx";
import { JsonTab } from "./JsonTab.tsx";
import { QueryTab } from "./QueryTab.tsx";
import { StatsTab } from "./StatsTab.tsx";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

/** Assumed width in pixels of a panel that is not rendered. */
const USUAL_WIDTH = 1000;

/** Returns the width of a rendered panel in pixels, from which the query step is computed. */
const drawnWidth = (key: string): number =>
  document.querySelector(`[data-panel-key="${CSS.escape(key)}"]`)?.clientWidth ?? USUAL_WIDTH;

export interface TabProps {
  readonly panel: InspectedPanel;
  readonly inspected: Inspected;
  readonly context: DashboardContextValue;
  readonly title: string;
}

const TABS = { data: DataTab, stats: StatsTab, json: JsonTab, query: QueryTab } as const;
type Tab = keyof typeof TABS;
const NAMES: Readonly<Record<Tab, string>> = { data: "Data", stats: "Stats", json: "JSON", query: "Query" };
const isTab = (text: string | null): text is Tab => text !== null && Object.hasOwn(TABS, text);

export default function InspectDrawer({ placed, onClose }: { placed: PlacedPanel; onClose: () => void }) {
  const [params, setParams] = useSearchParams();
  const given = params.get("inspectTab");
  const tab: Tab = isTab(given) ? given : "data";
  // The drawer keeps the dashboard's state at the time of opening and ignores later refreshes.
  const [context] = useState(useDashboardContext());
  const scoped = useMemo(() => scopedVariables(placed.scope), [placed]);
  const [width] = useState(() => drawnWidth(placed.key));
  const panel = useMemo((): InspectedPanel => ({ panel: placed.panel, scoped, width }), [placed, scoped, width]);
  const title = interpolate(placed.panel.title, context.lookupFor(scoped), "text") || `Panel ${placed.panel.id}`;
  const result = useQuery({
    queryKey: ["inspected", context.dashboard.uid, placed.key, context.now],
    queryFn: ({ signal }) => fetchInspected(panel, context, signal),
    gcTime: 0,
  });
  const show = (next: string | null): void =>
    setParams(
      (before) => {
        const params = new URLSearchParams(before);
        params.set("inspectTab", next ?? "data");
        return params;
      },
      { replace: true },
    );
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(960px, 96vw)"
      title={`Inspect: ${title}`}
      classNames={{ content: css("content"), body: css("body") }}
    >
      <Tabs value={tab} onChange={show} className={css("tabs")} keepMounted={false}>
        <Tabs.List>
          {Object.keys(TABS).map((name) => (
            <Tabs.Tab key={name} value={name}>
              {NAMES[name as Tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {result.isPending && <LoadingMessage label="Running the queries" />}
        {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
        {result.data !== undefined &&
          Object.entries(TABS).map(([name, Tab]) => (
            <Tabs.Panel key={name} value={name} className={css("tab")}>
              <Summary inspected={result.data} />
              <Tab panel={panel} inspected={result.data} context={context} title={title} />
            </Tabs.Panel>
          ))}
      </Tabs>
    </Drawer>
  );
}

function Summary({ inspected: { queries, requestMs, answers } }: { inspected: Inspected }) {
  const failed = [...answers].filter(([, { error }]) => error !== undefined);
  return (
    <>
      <Text size="xs" c="dimmed" mb="xs">
        {queries.length} {queries.length === 1 ? "query" : "queries"} with total query time of {Math.round(requestMs)}{" "}
        ms
      </Text>
      {failed.map(([refId, { error }]) => (
        <Text key={refId} size="sm" c="red" role="alert" mb="xs" className="wrap-anywhere">
          {refId}: {error}
        </Text>
      ))}
    </>
  );
}
