import { Text } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../../../format/instant.ts";
import { useTimeZone } from "../../../shell/time-zone.ts";
import { everySecond, nowMs } from "../../../time/browser-clock.ts";

const MINUTE_MS = 60_000;
const STEP_MS = 10_000;

/** Returns the current time, rounded up to ten seconds, so that the texts seldom change. */
const roundedNow = (): number => Math.ceil(nowMs() / STEP_MS) * STEP_MS;

/**
 * Shows a time of the API relative to now, to the minute, such as "5 minutes ago". The tooltip shows the absolute time
 * in the user's zone.
 */
export function TimeText({ time }: { time: string | null }) {
  const zone = useTimeZone();
  const now = useSyncExternalStore(everySecond, roundedNow);
  const unixMs = parseApiTime(time ?? undefined);
  if (unixMs === null) return <>Never</>;
  return (
    <Text span inherit title={formatInstantWithZone(unixMs, zone)}>
      {Math.abs(now - unixMs) < MINUTE_MS ? (unixMs > now ? "In a minute" : "Just now") : formatRelative(unixMs, now)}
    </Text>
  );
}
