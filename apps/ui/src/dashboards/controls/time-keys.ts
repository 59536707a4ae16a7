import { useEffect, useEffectEvent } from "react";

/** What two keys one after the other do to the range of time: `t` and one of these. */
const ACTIONS = {
  z: "zoomOut",
  "-": "zoomOut",
  "+": "zoomIn",
  "=": "zoomIn",
  ArrowLeft: "back",
  ArrowRight: "forward",
  a: "absolute",
  c: "copy",
  v: "paste",
} as const;
export type TimeAction = (typeof ACTIONS)[keyof typeof ACTIONS];

/** The second key belongs to the first for so long, ms. */
const PAUSE_MS = 1500;

/** Whether somebody is writing: then keys are letters. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Tells what the keys of a page ask of its range, one key after the other. */
export function timeKeyReader(): (event: KeyboardEvent) => TimeAction | undefined {
  let begun = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return undefined;
    const follows = event.timeStamp - begun <= PAUSE_MS;
    if (follows && Object.hasOwn(ACTIONS, event.key)) {
      begun = Number.NEGATIVE_INFINITY;
      return ACTIONS[event.key as keyof typeof ACTIONS];
    }
    // Shift is pressed on the way to a plus.
    if (event.key !== "Shift") begun = event.key === "t" ? event.timeStamp : Number.NEGATIVE_INFINITY;
    return undefined;
  };
}

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
