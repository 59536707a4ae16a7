import { useSyncExternalStore } from "react";
import { formatRelative } from "../format/instant.ts";
import { wouldFireText } from "../format/would-fire.ts";
import { everySecond, nowMs } from "../time/browser-clock.ts";

/**
 * Returns the current time in ms, rounded down to a second, so that all relative times on a page change at the same
 * moment.
 */
const thisSecond = (): number => Math.floor(nowMs() / 1000) * 1000;

/**
 * Shows the time since an event, such as "5s ago". The text is updated every second without rendering the rest of the
 * page.
 */
export function RelativeTime({ unixMs }: { unixMs: number | null }) {
  const now = useSyncExternalStore(everySecond, thisSecond);
  return <>{formatRelative(unixMs, now)}</>;
}

/** Shows in how long a pending alert would fire. */
export function WouldFire({ firesAt }: { firesAt: number }) {
  const now = useSyncExternalStore(everySecond, thisSecond);
  return <>{wouldFireText(firesAt, now)}</>;
}
