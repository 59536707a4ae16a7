import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "../../controls/key-sequence.ts";

/** Actions of keys on the panel under the pointer, or on the focused one. */
const ACTIONS = {
  v: "view",
  e: "edit",
  i: "inspect",
  "p s": "share",
  "p u": "share",
  "p x": "explore",
  "p l": "legend",
  "p d": "duplicate",
  "p r": "remove",
  Escape: "back",
  "d k": "kiosk",
  "d v": "kiosk",
} as const;
export type PanelAction = (typeof ACTIONS)[keyof typeof ACTIONS];

/** Selector of elements above the page, which handle `Escape` themselves. */
const ABOVE = '[role="dialog"], [role="menu"], [role="listbox"]';

/** Returns the key of the panel under the pointer, otherwise of the focused panel. */
function pointedPanel(): string | null {
  const hovered = document.querySelector<HTMLElement>("[data-panel-key]:hover");
  const panel = hovered ?? document.activeElement?.closest<HTMLElement>("[data-panel-key]");
  return panel?.dataset["panelKey"] ?? null;
}

/** Listens to the page's keys while the component is mounted. `back` and `kiosk` need no panel. */
export function usePanelKeys(onAction: (action: PanelAction, key: string | null) => void): void {
  const act = useEffectEvent(onAction);
  useEffect(() => {
    const read = keySequenceReader<PanelAction>(ACTIONS);
    const listen = (event: KeyboardEvent): void => {
      const action = read(event);
      if (action === undefined || document.querySelector(ABOVE) !== null) return;
      const key = pointedPanel();
      if (key === null && action !== "back" && action !== "kiosk") return;
      act(action, key);
    };
    // In the capture phase, before an element above the page closes itself and can no longer be found.
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
