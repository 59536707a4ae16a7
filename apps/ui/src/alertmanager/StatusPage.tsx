import { SimpleGrid, Stack, Title } from "@mantine/core";
import { IconServer, IconTool, IconTopologyRing } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { alertmanager } from "../api/alertmanager.ts";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../format/instant.ts";
import { KeyValueTable } from "../shell/KeyValueTable.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { ErrorMessage, LoadingMessage } from "../shell/StatusMessage.tsx";
import { YamlView } from "../shell/YamlView.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { nowMs } from "../time/browser-clock.ts";

export default function StatusPage() {
  const zone = useTimeZone();
  const result = useQuery({ queryKey: ["am-status"], queryFn: ({ signal }) => alertmanager.status(signal) });
  if (result.isPending) return <LoadingMessage label="Loading status" />;
  if (result.isError) return <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />;
  const { cluster, config, uptime, versionInfo, webConfigProblem, clusterTlsProblem } = result.data;
  const started = Math.floor((parseApiTime(uptime) ?? 0) / 1000) * 1000;
  return (
    <>
      <PageHeader title="Status" />
      <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned" mb="md">
        <Stack>
          <KeyValueTable
            title="Runtime"
            icon={<IconServer size={18} />}
            entries={[
              ["Up since", `${formatInstantWithZone(started, zone)} (${formatRelative(started, nowMs())})`],
              ...(webConfigProblem === undefined ? [] : [["Changed web configuration", webConfigProblem] as const]),
              ...(clusterTlsProblem === undefined ? [] : [["Changed cluster TLS", clusterTlsProblem] as const]),
            ]}
          />
          <KeyValueTable
            title="Cluster"
            icon={<IconTopologyRing size={18} />}
            entries={[
              ["Status", cluster.status],
              ["Name", cluster.name ?? "–"],
              ...(cluster.peers ?? []).map((peer) => [`Peer ${peer.name}`, peer.address] as const),
            ]}
          />
        </Stack>
        <KeyValueTable
          title="Version"
          icon={<IconTool size={18} />}
          entries={Object.entries(versionInfo).map(([name, value]) => [name, value || "–"])}
        />
      </SimpleGrid>
      <Title order={2} size="h5" mb="xs">
        Configuration
      </Title>
      <YamlView yaml={config.original} />
    </>
  );
}
