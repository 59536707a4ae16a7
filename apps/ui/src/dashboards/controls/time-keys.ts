import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "./key-sequence.ts";

/** Actions of two successive keys on the time range. */
const ACTIONS = {
  "t z": "zoomOut",
  "t -": "zoomOut",
  "t +": "zoomIn",
  "t =": "zoomIn",
  "t ArrowLeft": "back",
  "t ArrowRight": "forward",
  "t a": "absolute",
  "t c": "copy",
  "t v": "paste",
} as const;
export type TimeAction = (typeof ACTIONS)[keyof typeof ACTIONS];

/** Returns a function that maps the keys of a page to actions on its range, one key at a time. */
const timeKeyReader = (): ((event: KeyboardEvent) => TimeAction | undefined) => keySequenceReader<TimeAction>(ACTIONS);

/** Listens to the page's keys while the component is mounted. */
export function useTimeKeys(onAction: (action: TimeAction) => void): void {
  const act = useEffectEvent(onAction);
  useEffect(() => {
    const read = timeKeyReader();
    const listen = (event: KeyboardEvent): void => {
      const action = read(event);
      if (action === undefined) return;
      event.preventDefault();
      act(action);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}
