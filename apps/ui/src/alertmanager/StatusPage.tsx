import { SimpleGrid, Stack, Title } from "@mantine/core";
import { IconServer, IconTool, IconTopologyRing } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { alertmanager } from "../api/alertmanager.ts";
import { formatInstantWithZone, formatRelative, parseApiTime } from "../format/instant.ts";
import { FactTable } from "../shell/FactTable.tsx";
import { PageHead } from "../shell/PageHead.tsx";
import { ErrorRemark, LoadingRemark } from "../shell/Remark.tsx";
import { YamlView } from "../shell/YamlView.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { nowMs } from "../time/browser-clock.ts";

/** Uptime, cluster, build and the configuration in force. */
export default function StatusPage() {
  const { useLocalTime } = usePreferences();
  const result = useQuery({ queryKey: ["am-status"], queryFn: ({ signal }) => alertmanager.status(signal) });
  if (result.isPending) return <LoadingRemark label="Loading status" />;
  if (result.isError) return <ErrorRemark error={result.error} onRetry={() => void result.refetch()} />;
  const { cluster, config, uptime, versionInfo } = result.data;
  const started = Math.floor((parseApiTime(uptime) ?? 0) / 1000) * 1000;
  return (
    <>
      <PageHead title="Status" />
      <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned" mb="md">
        <Stack>
          <FactTable
            title="Runtime"
            icon={<IconServer size={18} />}
            facts={[
              ["Up since", `${formatInstantWithZone(started, useLocalTime)} (${formatRelative(started, nowMs())})`],
            ]}
          />
          <FactTable
            title="Cluster"
            icon={<IconTopologyRing size={18} />}
            facts={[
              ["Status", cluster.status],
              ["Name", cluster.name ?? "–"],
              ...(cluster.peers ?? []).map((peer) => [`Peer ${peer.name}`, peer.address] as const),
            ]}
          />
        </Stack>
        <FactTable
          title="Version"
          icon={<IconTool size={18} />}
          facts={Object.entries(versionInfo).map(([name, value]) => [name, value || "–"])}
        />
      </SimpleGrid>
      <Title order={2} size="h5" mb="xs">
        Configuration
      </Title>
      <YamlView yaml={config.original} />
    </>
  );
}
