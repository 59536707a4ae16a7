import { useEffect, useEffectEvent, useState } from "react";
import { isTextField, keySequenceReader } from "../../shell/keys/key-sequence.ts";
import { type ActionOf, EDIT_KEYS } from "../../shell/keys/key-table.ts";
import { isPageCovered } from "../controls/covered-page.ts";

export type EditAction = "undo" | "redo" | "save" | ActionOf<typeof EDIT_KEYS>;

/** Returns the action of a key; undefined if the browser or a text field handles the key. */
export function editActionOf(event: KeyboardEvent): EditAction | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === "s" && !event.shiftKey) return "save";
  // Ignores the key in a text field, because the browser's own undo handles it.
  if (isTextField(event.target)) return undefined;
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && !event.shiftKey ? "redo" : undefined;
}

/** Performs the actions of keyboard shortcuts while the component is mounted. */
export function useEditKeys(actions: Readonly<Record<EditAction, () => void>>): void {
  const [readSequence] = useState(() => keySequenceReader<EditAction>(EDIT_KEYS));
  const act = useEffectEvent((event: KeyboardEvent) => {
    const action = event.defaultPrevented ? undefined : (editActionOf(event) ?? readSequence(event));
    if (action === undefined) return;
    event.preventDefault();
    actions[action]();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => act(event);
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
}

/**
 * Calls a function when the user presses Escape outside of text fields, dialogs and open lists.
 * @param isOn whether the key has this effect
 */
export function useEscape(isOn: boolean, leave: () => void): void {
  const act = useEffectEvent(leave);
  useEffect(() => {
    if (!isOn) return;
    const listener = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !isTextField(event.target) && !isPageCovered()) act();
    };
    // Listens in the capture phase, before an open dialog handles the key and is possibly removed.
    document.addEventListener("keydown", listener, { capture: true });
    return () => document.removeEventListener("keydown", listener, { capture: true });
  }, [isOn]);
}
