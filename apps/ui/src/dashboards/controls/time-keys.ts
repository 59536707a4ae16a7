import { useEffect, useEffectEvent } from "react";
import { keySequenceReader } from "./key-sequence.ts";

/** Maps key sequences to actions on the time range. */
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

const timeKeyReader = (): ((event: KeyboardEvent) => TimeAction | undefined) => keySequenceReader<TimeAction>(ACTIONS);

/** Performs the keyboard shortcuts of the time range while the component is mounted. */
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
