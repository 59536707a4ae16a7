import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "../../../shell/keys/key-sequence.ts";
import { type ActionOf, PANEL_KEYS } from "../../../shell/keys/key-table.ts";
import { isPageCovered } from "../../controls/covered-page.ts";

export type PanelAction = ActionOf<typeof PANEL_KEYS>;

/** Returns the key of the panel under the pointer, otherwise of the focused panel. */
function pointedPanel(): string | null {
  const hovered = document.querySelector<HTMLElement>("[data-panel-key]:hover");
  const panel = hovered ?? document.activeElement?.closest<HTMLElement>("[data-panel-key]");
  return panel?.dataset["panelKey"] ?? null;
}

/**
 * Performs the keyboard shortcuts of panels while the component is mounted. The actions `back` and `kiosk` also work
 * without a panel.
 */
export function usePanelKeys(onAction: (action: PanelAction, key: string | null) => void): void {
  const act = useEffectEvent(onAction);
  useEffect(() => {
    const read = keySequenceReader<PanelAction>(PANEL_KEYS);
    const listen = (event: KeyboardEvent): void => {
      const action = read(event);
      if (action === undefined || isPageCovered()) return;
      const key = pointedPanel();
      if (key === null && action !== "back" && action !== "kiosk") return;
      act(action, key);
    };
    // Listens in the capture phase, so that this handler runs before an open dialog handles the key and is possibly
    // removed.
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
