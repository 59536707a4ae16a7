import { Button } from "@mantine/core";
import {
  type JsonObject,
  type Panel,
  patchDashboard,
  pathOfPanel,
  readPanelSource,
  valueAtPath,
} from "@narthex/dashboards";
import { useCallback, useState } from "react";
import { useSearchParams } from "react-router";
import { EmptyMessage } from "../../../shell/StatusMessage.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import PanelEditor from "./PanelEditor.tsx";

/** Returns the panel with an id. The panels inside rows are also searched. */
function findPanel(panels: readonly Panel[], id: number): Panel | undefined {
  for (const panel of panels) {
    const found = panel.id === id ? panel : findPanel(panel.panels, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The editor of the panel whose id is in the page's address. It changes the draft of the dashboard. */
export default function OpenPanelEditor({
  panelId,
}: {
  /** The panel's id from the address: a number, or `panel-3` in newer dashboards. */
  panelId: string;
}) {
  const { dashboard, change, draft, begin } = useDashboardEdit();
  const [, setParams] = useSearchParams();
  const id = Number(panelId.replace(/^panel-/, ""));
  const panel = findPanel(dashboard.panels, id);
  // The panel's JSON when the editor was opened. The button "Discard" restores this JSON.
  const [opened] = useState(panel?.source);
  const close = useCallback(
    () =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        next.delete("editPanel");
        return next;
      }),
    [setParams],
  );
  if (panel === undefined || panel.type === "row")
    return (
      <EmptyMessage title={`There is no panel ${panelId}`}>
        <Button size="xs" variant="default" onClick={close}>
          Back to the dashboard
        </Button>
      </EmptyMessage>
    );
  const name = panel.title === "" ? `panel ${panel.id}` : `“${panel.title}”`;
  const put = (what: string, sourceOf: (source: JsonObject) => JsonObject): void =>
    change(what, (json) => {
      const path = pathOfPanel(json, id);
      if (path === undefined) return json;
      return patchDashboard(json, [{ path, value: sourceOf(valueAtPath(json, path) as JsonObject) }]);
    });
  return (
    <PanelEditor
      panel={panel}
      onChange={(edit) => put(`Edit ${name}`, (source) => edit(readPanelSource(source)).source)}
      onApply={() => {
        // Starts the edit mode if the dashboard has unsaved changes, because an address can open this editor outside of
        // the edit mode.
        if (draft.isDirty) begin();
        close();
      }}
      onDiscard={() => {
        if (opened !== undefined) put(`Discard changes of ${name}`, () => opened);
        close();
      }}
    />
  );
}
