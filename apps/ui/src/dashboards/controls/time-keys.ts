import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "./key-sequence.ts";

/** What two keys one after the other do to the range of time. */
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

/** Tells what the keys of a page ask of its range, one key after the other. */
export const timeKeyReader = (): ((event: KeyboardEvent) => TimeAction | undefined) =>
  keySequenceReader<TimeAction>(ACTIONS);

/** Listens to the page's keys for as long as the component is there. */
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
