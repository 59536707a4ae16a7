import { useEffect, useEffectEvent } from "react";
import { hasHandedPanel } from "../draft/handed-panel-key.ts";
import type { DraftAction } from "../draft/draft.ts";

/** Adds the panel that another page handed over to the dashboard, as an unsaved change. */
export function useHandedPanel(uid: string, canEdit: boolean, dispatch: (action: DraftAction) => void): void {
  const add = useEffectEvent(dispatch);
  useEffect(() => {
    if (canEdit && hasHandedPanel())
      void import("./add-handed-panel.ts").then(({ addHandedPanel }) => addHandedPanel(uid, (action) => add(action)));
  }, [uid, canEdit]);
}
