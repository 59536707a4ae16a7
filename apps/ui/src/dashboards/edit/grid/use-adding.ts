import type { JsonObject } from "@narthex/dashboards";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { useOpenPanelEditor } from "../open-panel-editor.ts";
import { freePanelId, withPanelAdded } from "../../draft/panel-changes.ts";

export function useAdding() {
  const { change, dashboard } = useDashboardEdit();
  const { sources } = useDashboardContext();
  const openEditor = useOpenPanelEditor();
  const add = (name: string, panel: JsonObject): void => {
    change(name, (json) => withPanelAdded(json, panel));
    scrollTo({ top: 0 });
  };
  return {
    addPanel: (): void => {
      const source = sources.find(({ isDefault }) => isDefault) ?? sources[0];
      const datasource = source === undefined ? undefined : { type: source.type, uid: source.uid };
      add("Add a panel", newPanel(datasource));
      openEditor(freePanelId(dashboard.panels));
    },
    addRow: () => add("Add a row", { type: "row", title: "Row title", collapsed: false, panels: [] }),
    paste: (panel: JsonObject) => add("Paste a panel", panel),
    addFromLibrary: (panel: JsonObject) => add("Add a library panel", panel),
  };
}

const newPanel = (datasource: JsonObject | undefined): JsonObject => ({
  type: "timeseries",
  title: "New panel",
  ...(datasource === undefined ? {} : { datasource }),
  targets: [{ refId: "A", ...(datasource === undefined ? {} : { datasource }) }],
  fieldConfig: { defaults: {}, overrides: [] },
  options: {},
});
