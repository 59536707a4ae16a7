import "../styles/mantine.css";
import { Button, Group, Modal, SegmentedControl, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { dashboardsPath, shownSource } from "../../api/root-path.ts";
import type { QueryDialogProps } from "../../query/query-action.ts";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { rawOf } from "../../time/time-range.ts";
import { findDashboards } from "../data/dashboard-api.ts";
import { handPanel } from "../draft/handed-panel.ts";
import { panelOfQuery } from "./query-panel.ts";
import { nowMs } from "../../time/browser-clock.ts";

/** Opens a page of the dashboards. The query page is part of another app, so a new document is loaded. */
const open = (address: string): void => location.assign(address);

/**
 * A dialog that adds a query to a new or an existing dashboard. The dashboard shows the panel as an unsaved change, so
 * that the user sees it before saving.
 */
export default function AddToDashboard({ panel, onClose }: QueryDialogProps) {
  const [place, setPlace] = useState("new");
  const [uid, setUid] = useState<string | null>(null);
  const dashboards = useQuery({
    queryKey: ["dashboards for a query"],
    queryFn: ({ signal }) => findDashboards({ limit: 5000 }, signal),
    enabled: place === "existing",
  });
  const hits = dashboards.data ?? [];
  const hit = hits.find((one) => one.uid === uid);
  const add = (): void => {
    const { from, to } = rawOf(panel);
    handPanel({ uid: hit?.uid ?? "", panel: panelOfQuery(panel, shownSource() ?? "") }, nowMs());
    open(`${hit?.url ?? `${dashboardsPath}/dashboard/new`}?${new URLSearchParams({ from, to })}`);
  };
  return (
    <Modal opened onClose={onClose} title="Add to a dashboard">
      <Stack gap="md">
        <SegmentedControl
          aria-label="Dashboard"
          value={place}
          onChange={setPlace}
          data={[
            { value: "new", label: "New dashboard" },
            { value: "existing", label: "Existing dashboard" },
          ]}
        />
        {place === "existing" && (
          <Select
            label="Add the panel to"
            placeholder="Name of a dashboard"
            searchable
            limit={100}
            nothingFoundMessage="No dashboard has this name."
            value={uid}
            onChange={setUid}
            data={hits.map(({ uid: value, title, folderTitle }) => ({
              value,
              label: folderTitle === undefined ? title : `${folderTitle} / ${title}`,
            }))}
            {...(dashboards.isError ? { error: errorSentence(dashboards.error) } : {})}
          />
        )}
        <Text size="sm" c="dimmed">
          The dashboard opens with the new panel. The panel is kept when you save the dashboard.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={add} disabled={place === "existing" && hit === undefined}>
            Open the dashboard
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
