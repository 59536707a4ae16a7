import { nowMs } from "../../time/browser-clock.ts";
import type { DraftAction } from "../draft/draft.ts";
import { takeHandedPanel } from "../draft/handed-panel.ts";
import { withPanelAdded } from "../draft/panel-changes.ts";

/** Adds the panel that was handed over to a dashboard, if there is one. */
export function addHandedPanel(uid: string, dispatch: (action: DraftAction) => void): void {
  const panel = takeHandedPanel(uid, nowMs());
  if (panel !== undefined)
    dispatch({ type: "change", name: "Add a query", edit: (json) => withPanelAdded(json, panel) });
}
