import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "../../controls/key-sequence.ts";

/** What keys do to the panel under the pointer, or to the one that holds the focus. */
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

/** Something lies above the page; `Escape` is about that. */
const ABOVE = '[role="dialog"], [role="menu"], [role="listbox"]';

/** The key of the panel that a key is about: under the pointer, else with the focus. */
function pointedPanel(): string | null {
  const hovered = document.querySelector<HTMLElement>("[data-panel-key]:hover");
  const panel = hovered ?? document.activeElement?.closest<HTMLElement>("[data-panel-key]");
  return panel?.dataset["panelKey"] ?? null;
}

/** Listens to the page's keys for as long as the component is there. `back` and `kiosk` need no panel. */
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
    // Before those who close what lies above the page, which would be gone by then.
    document.addEventListener("keydown", listen, { capture: true });
    return () => document.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
