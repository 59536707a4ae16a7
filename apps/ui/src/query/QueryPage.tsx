import { Button, Group, Stack, VisuallyHidden } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useIsFetching } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { usePageTitle } from "../shell/PageHeader.tsx";
import { ClockSkewMessage } from "./ClockSkewMessage.tsx";
import { QueryPanel } from "./QueryPanel.tsx";
import { defaultPanel } from "../query-link/panel.ts";
import type { Panel } from "../query-link/panel.ts";
import { decodePanels, encodePanels } from "../query-link/panel-link.ts";
import { homePath } from "../api/root-path.ts";
import { dataSourceOf } from "../datasource/registry.ts";
import { readStored, writeStored } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";
import { RefreshContext } from "../time/refresh-context.ts";
import { Refresh } from "../time/refresh.ts";
import { RefreshPicker } from "../time-controls/RefreshPicker.tsx";
import type { QueryAction } from "./query-action.ts";
import { HomeSourceSelect } from "./later-parts.tsx";
import { ShareButton } from "./ShareButton.tsx";
import { useFittedRange } from "./use-fitted-range.ts";

/** Returns an id for each panel of the page. A panel keeps its id when other panels are added or removed. */
function usePanelIds(count: number) {
  const [ids, setIds] = useState<readonly number[]>([0]);
  const [nextId, setNextId] = useState(1);
  // The browser's Back and Forward can change the number of panels. Panels that still exist keep their ids.
  if (ids.length !== count) {
    const missing = Math.max(0, count - ids.length);
    setIds([...ids.slice(0, count), ...Array.from({ length: missing }, (_, index) => nextId + index)]);
    setNextId(nextId + missing);
  }
  return {
    ids,
    insertAt: (index: number): void => {
      setIds(ids.toSpliced(index, 0, nextId));
      setNextId(nextId + 1);
    },
    removeAt: (index: number): void => setIds(ids.toSpliced(index, 1)),
  };
}

/** Matches addresses that contain the time range of a query. */
const RANGE = /[?&]g\d{1,3}\.(?:range_input|from)=/;

/** Local storage key of the interval at which queries are repeated. Absent until the user selects an interval. */
const INTERVAL_KEY = "queryPage.refreshInterval";

/** Repeats the queries of the page: at once, or at an interval that the browser stores. */
function PageRefresh({ refresh, panel }: { refresh: Refresh; panel: Panel }) {
  const [interval, setInterval] = useState(() => readStored<string>(INTERVAL_KEY, ""));
  const isLoading = useIsFetching({ queryKey: ["panel"] }) > 0;
  const to = panel.endMs ?? nowMs();
  return (
    <RefreshPicker
      interval={interval}
      intervals={[]}
      isLoading={isLoading}
      range={{ from: to - panel.rangeMs, to }}
      onRefresh={() => refresh.refreshNow()}
      onDue={() => refresh.refreshDue()}
      onInterval={(next) => {
        writeStored(INTERVAL_KEY, next);
        setInterval(next);
      }}
    />
  );
}

function pausedRefresh(): Refresh {
  const refresh = new Refresh();
  refresh.pause();
  return refresh;
}

const noActions: readonly QueryAction[] = [];

/** The query page. Its state is in the URL. Each change adds a history entry, so that the browser's Back undoes it. */
export default function QueryPage({ actions = noActions }: { actions?: readonly QueryAction[] }) {
  usePageTitle("Query");
  const { search } = useLocation();
  const navigate = useNavigate();
  const hasRange = RANGE.test(search);
  const rangeMs = useFittedRange(dataSourceOf(null), !hasRange);
  const panels = useMemo(() => {
    const decoded = decodePanels(search);
    const given = decoded.length === 0 ? [defaultPanel] : decoded;
    return hasRange ? given : given.map((panel) => (panel.endMs === null ? { ...panel, rangeMs } : panel));
  }, [search, hasRange, rangeMs]);
  const { ids, insertAt, removeAt } = usePanelIds(panels.length);

  const [refresh] = useState(pausedRefresh);

  const show = (next: readonly Panel[]): void =>
    void navigate({ pathname: "/query", search: `?${encodePanels(next)}` });
  const insert = (index: number, panel: Panel): void => {
    insertAt(index);
    show(panels.toSpliced(index, 0, panel));
  };

  return (
    <RefreshContext value={refresh}>
      <Stack gap="md">
        <VisuallyHidden component="h1">Query</VisuallyHidden>
        <ClockSkewMessage />
        <Group justify="flex-end" gap="xs">
          {homePath !== undefined && <HomeSourceSelect />}
          <ShareButton panels={panels} />
          <PageRefresh refresh={refresh} panel={panels[0] ?? defaultPanel} />
        </Group>
        {panels.map((panel, index) => (
          <QueryPanel
            key={ids[index] ?? `new-${index}`}
            id={ids[index] ?? index}
            number={index + 1}
            panel={panel}
            isFitted={!hasRange && panel.rangeMs < defaultPanel.rangeMs}
            actions={actions}
            removable={panels.length > 1}
            autoFocus={index === panels.length - 1}
            on={{
              onChange: (change) => show(panels.with(index, { ...panel, ...change })),
              onDuplicate: (expr) => insert(index + 1, { ...panel, expr }),
              onRemove: () => {
                removeAt(index);
                show(panels.toSpliced(index, 1));
              },
            }}
          />
        ))}
        <div>
          <Button
            variant="light"
            leftSection={<IconPlus size={16} />}
            onClick={() => insert(panels.length, { ...defaultPanel, tab: panels.at(-1)?.tab ?? "table" })}
          >
            Add query
          </Button>
        </div>
      </Stack>
    </RefreshContext>
  );
}
