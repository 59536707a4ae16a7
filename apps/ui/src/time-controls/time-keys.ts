import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "../shell/keys/key-sequence.ts";
import { type ActionOf, TIME_KEYS } from "../shell/keys/key-table.ts";

export type TimeAction = ActionOf<typeof TIME_KEYS>;

/** Performs the keyboard shortcuts of the time range while the component is mounted. */
export function useTimeKeys(onAction: (action: TimeAction) => void, isOn = true): void {
  const act = useEffectEvent(onAction);
  useEffect(() => {
    if (!isOn) return;
    const read = keySequenceReader<TimeAction>(TIME_KEYS);
    const listen = (event: KeyboardEvent): void => {
      const action = read(event);
      if (action === undefined) return;
      event.preventDefault();
      act(action);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [isOn]);
}
