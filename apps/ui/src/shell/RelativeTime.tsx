import { useSyncExternalStore } from "react";
import { formatRelative } from "../format/instant.ts";
import { everySecond, nowMs } from "../time/browser-clock.ts";

/** Returns the current time in whole seconds, so that all ages on a page change at the same time. */
const thisSecond = (): number => Math.floor(nowMs() / 1000) * 1000;

/** The time since an event, which is updated while the page is open. Only this text is rendered again. */
export function RelativeTime({ unixMs }: { unixMs: number | null }) {
  const now = useSyncExternalStore(everySecond, thisSecond);
  return <>{formatRelative(unixMs, now)}</>;
}
