import { useEffect, useEffectEvent } from "react";
import { takeHandedPanel } from "../draft/handed-panel.ts";
import type { DraftAction } from "../draft/draft.ts";

/** Adds the panel that another page handed over to the dashboard, as an unsaved change. */
export function useHandedPanel(uid: string, canEdit: boolean, dispatch: (action: DraftAction) => void): void {
  const add = useEffectEvent(dispatch);
  useEffect(() => {
    const panel = canEdit ? takeHandedPanel(uid) : undefined;
    if (panel === undefined) return;
    void import("../draft/panel-changes.ts").then(({ withPanelAdded }) =>
      add({ type: "change", name: "Add a query", edit: (json) => withPanelAdded(json, panel) }),
    );
  }, [uid, canEdit]);
}
