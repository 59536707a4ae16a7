import { Button, Group, Stack, VisuallyHidden } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { usePageTitle } from "../shell/PageHeader.tsx";
import { ClockSkewMessage } from "./ClockSkewMessage.tsx";
import { QueryPanel } from "./QueryPanel.tsx";
import { defaultPanel } from "../query-link/panel.ts";
import type { Panel } from "../query-link/panel.ts";
import { decodePanels, encodePanels } from "../query-link/panel-link.ts";
import { Toolbar } from "../shell/Toolbar.tsx";
import { RefreshContext } from "../time/refresh-context.ts";
import { refreshIntervals } from "../time/refresh-choice.ts";
import type { RefreshChoice } from "../time/refresh-choice.ts";
import { Refresh } from "../time/refresh.ts";

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

/** There is no automatic refresh until the user selects an interval. */
const refreshChoices: readonly RefreshChoice[] = ["off", ...refreshIntervals];

function pausedRefresh(): Refresh {
  const refresh = new Refresh();
  refresh.pause();
  return refresh;
}

/** The query page. Its state is in the URL. Each change adds a history entry, so that the browser's Back undoes it. */
export default function QueryPage() {
  usePageTitle("Query");
  const { search } = useLocation();
  const navigate = useNavigate();
  const panels = useMemo(() => {
    const decoded = decodePanels(search);
    return decoded.length === 0 ? [defaultPanel] : decoded;
  }, [search]);
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
        <Group justify="flex-end">
          <Toolbar storageKey="queryPage.refreshInterval" choices={refreshChoices} />
        </Group>
        {panels.map((panel, index) => (
          <QueryPanel
            key={ids[index] ?? `new-${index}`}
            id={ids[index] ?? index}
            number={index + 1}
            panel={panel}
            removable={panels.length > 1}
            autoFocus={index === panels.length - 1}
            actions={{
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
