import { Modal, Tabs } from "@mantine/core";
import { interpolate, type PlacedPanel, scopedVariables, type VariableStates } from "@narthex/dashboards";
import { useLocation, useSearchParams } from "react-router";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { EmbedTab } from "./EmbedTab.tsx";
import { ExportTab } from "./ExportTab.tsx";
import { LinkTab } from "./LinkTab.tsx";
import { ReportTab } from "./ReportTab.tsx";
import { SnapshotTab } from "./SnapshotTab.tsx";
import type { SharedView } from "../data/share-address.ts";

/** A dialog that shares a dashboard or one of its panels, for example as a link, an embedded frame or JSON. */
export default function ShareDialog({
  placed,
  states,
  canEdit,
  onClose,
}: {
  /** The shared panel; undefined for the whole dashboard. */
  placed: PlacedPanel | undefined;
  states: VariableStates;
  /** Whether the user may store snapshots on this server. */
  canEdit: boolean;
  onClose: () => void;
}) {
  const [params] = useSearchParams();
  const { pathname } = useLocation();
  const { dashboard, raw, range, lookupFor } = useDashboardContext();
  const { uid, title } = dashboard;
  const view: SharedView = { uid, title, pathname, params, raw, range, states, panelKey: placed?.key };
  const name =
    placed === undefined
      ? title
      : interpolate(placed.panel.title, lookupFor(scopedVariables(placed.scope)), "text") || "panel";
  return (
    <Modal opened onClose={onClose} title={`Share ${name}`} size="lg">
      <Tabs defaultValue="link" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="link">Link</Tabs.Tab>
          {placed !== undefined && uid !== "" && <Tabs.Tab value="embed">Embed</Tabs.Tab>}
          {placed === undefined && canEdit && <Tabs.Tab value="snapshot">Snapshot</Tabs.Tab>}
          {placed === undefined && uid !== "" && <Tabs.Tab value="report">Report</Tabs.Tab>}
          <Tabs.Tab value="export">Export</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="link">
          <LinkTab view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="embed">
          <EmbedTab view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="snapshot">
          <SnapshotTab states={states} />
        </Tabs.Panel>
        <Tabs.Panel value="report">
          <ReportTab view={view} />
        </Tabs.Panel>
        <Tabs.Panel value="export">
          <ExportTab panel={placed?.panel} />
        </Tabs.Panel>
      </Tabs>
    </Modal>
  );
}
