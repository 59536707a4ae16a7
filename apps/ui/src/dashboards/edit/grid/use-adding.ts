import type { JsonObject, SourceListing } from "@narthex/dashboards";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { useOpenPanelEditor } from "../open-panel-editor.ts";
import { freePanelId, withPanelAdded } from "../../draft/panel-changes.ts";

export function useAdding() {
  const { change, dashboard } = useDashboardEdit();
  const { sources } = useDashboardContext();
  const openEditor = useOpenPanelEditor();
  const add = (name: string, panel: JsonObject): void => change(name, (json) => withPanelAdded(json, panel));
  return {
    addPanel: (): void => {
      const source = sources.find(({ isDefault }) => isDefault) ?? sources[0];
      add("Add a panel", newPanel(source));
      openEditor(freePanelId(dashboard.panels));
    },
    addRow: () => add("Add a row", { type: "row", title: "Row title", collapsed: false, panels: [] }),
    paste: (panel: JsonObject) => add("Paste a panel", panel),
    addFromLibrary: (panel: JsonObject) => add("Add a library panel", panel),
  };
}

/** Returns the JSON of a new panel. Its first query has the usual settings of the data source, such as the legend. */
function newPanel(source: SourceListing | undefined): JsonObject {
  const datasource = source === undefined ? {} : { datasource: { type: source.type, uid: source.uid } };
  return {
    type: "timeseries",
    title: "New panel",
    ...datasource,
    targets: [{ refId: "A", ...datasource, ...source?.kind.blankQuery }],
    fieldConfig: { defaults: {}, overrides: [] },
    options: {},
  };
}
