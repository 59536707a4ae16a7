import { Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { prometheus, readiness } from "../api/prometheus.ts";
import { EmptyMessage, LoadingMessage } from "./StatusMessage.tsx";
import { pageSettings } from "../api/page-settings.ts";

const pollMs = 1000;

function StartingUp() {
  const replay = useQuery({
    queryKey: ["wal-replay"],
    queryFn: ({ signal }) => prometheus.walReplay(signal),
    refetchInterval: pollMs,
  });
  const progress = replay.data?.data;
  const total = progress === undefined ? 0 : progress.max - progress.min + 1;
  const done = progress === undefined ? 0 : progress.current - progress.min + 1;
  return (
    <Stack maw={460} mx="auto" mt="xl" gap="sm" role="status">
      <Text fw={600}>The server is starting up</Text>
      {progress !== undefined && progress.max > 0 && (
        <>
          <Text size="sm" c="dimmed">
            Replaying the write-ahead log: segment {progress.current} of {progress.max}
          </Text>
          <Progress value={(100 * done) / total} aria-label="Replay of the write-ahead log" animated />
        </>
      )}
    </Stack>
  );
}

/** Shows pages only when the server is ready. */
export function ReadinessGate({ children }: { children: ReactNode }) {
  const state = useQuery({
    queryKey: ["readiness"],
    queryFn: ({ signal }) => readiness(signal),
    refetchInterval: (query) => (query.state.data === "ready" ? false : pollMs),
    enabled: !pageSettings.ready,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (pageSettings.ready || state.data === "ready") return children;
  if (state.data === "starting") return <StartingUp />;
  if (state.data === "stopping") return <EmptyMessage title="The server is shutting down" />;
  if (state.isError)
    return <EmptyMessage title="The server does not respond">The page retries every second.</EmptyMessage>;
  return <LoadingMessage label="Waiting for the server" />;
}
