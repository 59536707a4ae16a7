import { Alert } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { humanizeDuration } from "../format/duration.ts";
import { nowMs } from "../time/browser-clock.ts";

const toleratedMs = 30_000;

/** Returns the browser's clock minus the server's, milliseconds. */
async function measureSkewMs(signal: AbortSignal): Promise<number> {
  const info = await prometheus.runtimeInfo(signal);
  const server = Date.parse(String(info.data["serverTime"] ?? ""));
  return Number.isNaN(server) ? 0 : nowMs() - server;
}

/**
 * Warns if the clocks of the browser and of the server differ, because a query for "now" would then miss the newest
 * data.
 */
export function ClockSkewMessage() {
  const skew = useQuery({
    queryKey: ["clock-skew"],
    queryFn: ({ signal }) => measureSkewMs(signal),
    staleTime: 600_000,
  });
  if (skew.data === undefined || Math.abs(skew.data) < toleratedMs) return null;
  return (
    <Alert color="red" variant="light" icon={<IconClockExclamation size={18} />} title="Clocks differ">
      The clock of this browser and the one of the server are {humanizeDuration(Math.abs(skew.data))} apart. Queries for
      “now” may show unexpected results.
    </Alert>
  );
}
