import { Group, Text, Title } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { alertmanager } from "../api/alertmanager.ts";
import { VirtualList } from "../shell/VirtualList.tsx";
import { Labels } from "../shell/Labels.tsx";
import { ErrorMessage } from "../shell/StatusMessage.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { useRefreshedQuery } from "../time/refresh-context.ts";
import { formatMatcher } from "./matcher-filter.ts";
import type { Matcher } from "./matcher-filter.ts";
import { Card, CardHead, CardItem } from "../shell/Card.tsx";

export function AffectedAlerts({ matchers }: { matchers: readonly Matcher[] }) {
  const filter = matchers.map(formatMatcher);
  const result = useRefreshedQuery({
    queryKey: ["affected", ...filter],
    queryFn: ({ signal }) => alertmanager.alerts({ filter }, signal),
    enabled: filter.length > 0,
    placeholderData: keepPreviousData,
  });
  const alerts = filter.length === 0 ? undefined : result.data;
  return (
    <Card component="section" aria-label="Affected alerts">
      <CardHead>
        <Title order={2} size="h6">
          Affected alerts
        </Title>
        <Text size="sm" c="dimmed" aria-live="polite">
          {alerts === undefined ? "" : `${alerts.length} now`}
        </Text>
      </CardHead>
      {result.isError && filter.length > 0 && (
        <ErrorMessage error={result.error} title="The server refused these matchers" />
      )}
      {filter.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          Add a matcher to see the alerts that it matches.
        </Text>
      )}
      {alerts?.length === 0 && !result.isError && (
        <Text size="sm" c="dimmed" p="sm">
          No current alert matches.
        </Text>
      )}
      {alerts !== undefined && (
        <VirtualList
          items={alerts}
          keyOf={(alert) => alert.fingerprint}
          render={(alert) => (
            <CardItem>
              <Group gap="xs" align="flex-start">
                <StateBadge state={alert.status.state} />
                <Labels labels={alert.labels} />
              </Group>
            </CardItem>
          )}
        />
      )}
    </Card>
  );
}
