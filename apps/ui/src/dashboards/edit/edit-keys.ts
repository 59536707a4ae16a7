import { useEffect, useEffectEvent, useState } from "react";
import { isWriting, keySequenceReader } from "../controls/key-sequence.ts";

/** Keys one after the other, as Grafana has them. */
const SEQUENCES = { "d s": "settings", "d E": "openRows", "d C": "closeRows" } as const;

/** What keys of the page do while a dashboard is edited. */
export type EditAction = "undo" | "redo" | "save" | (typeof SEQUENCES)[keyof typeof SEQUENCES];

/** What a key asks for; undefined where it is left to the browser or to whoever writes. */
export function editActionOf(event: KeyboardEvent): EditAction | undefined {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return undefined;
  const key = event.key.toLowerCase();
  if (key === "s" && !event.shiftKey) return "save";
  // A field has an undo of its own.
  if (isWriting(event.target)) return undefined;
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && !event.shiftKey ? "redo" : undefined;
}

/** Listens to the page's keys for as long as the component is there. */
export function useEditKeys(actions: Readonly<Record<EditAction, () => void>>): void {
  const [readSequence] = useState(() => keySequenceReader<EditAction>(SEQUENCES));
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
