import { useSyncExternalStore } from "react";
import { formatRelative } from "../format/instant.ts";
import { everySecond, nowMs } from "../time/browser-clock.ts";

/** Whole seconds, so that all ages of a page change in the same breath. */
const thisSecond = (): number => Math.floor(nowMs() / 1000) * 1000;

/** How long ago something was; stays true while the page is open. Only this text is drawn again. */
export function RelativeTime({ unixMs }: { unixMs: number | null }) {
  const now = useSyncExternalStore(everySecond, thisSecond);
  return <>{formatRelative(unixMs, now)}</>;
}
