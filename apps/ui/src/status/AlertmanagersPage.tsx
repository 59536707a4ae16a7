import { SimpleGrid, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { prometheus } from "../api/prometheus.ts";
import { Loaded } from "../shell/Loaded.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { StateBadge } from "../shell/StateBadge.tsx";
import { Card, CardTitle } from "../shell/Card.tsx";

function Endpoints({ title, urls, dropped }: { title: string; urls: readonly string[]; dropped: boolean }) {
  return (
    <Card>
      <CardTitle>
        {title}
        <StateBadge state={dropped ? "dropped" : "ok"} label={String(urls.length)} />
      </CardTitle>
      {urls.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          {dropped ? "Relabelling dropped none." : "None found. Configure them in the section alerting."}
        </Text>
      )}
      <Table aria-label={title}>
        <Table.Tbody>
          {urls.map((url) => (
            <Table.Tr key={url}>
              <Table.Td className="wrap-anywhere mono">{dropped ? url : <a href={url}>{url}</a>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** Shows the Alertmanagers to which alerts are sent, and those that relabeling has dropped. */
export default function AlertmanagersPage() {
  const result = useQuery({ queryKey: ["alertmanagers"], queryFn: ({ signal }) => prometheus.alertmanagers(signal) });
  return (
    <>
      <PageHeader title="Alertmanager discovery" />
      <Loaded result={result} label="Loading Alertmanagers">
        {(data) => (
          <SimpleGrid cols={{ base: 1, lg: 2 }} className="top-aligned">
            <Endpoints
              title="Active Alertmanagers"
              urls={data.activeAlertmanagers.map((one) => one.url)}
              dropped={false}
            />
            <Endpoints title="Dropped Alertmanagers" urls={data.droppedAlertmanagers.map((one) => one.url)} dropped />
          </SimpleGrid>
        )}
      </Loaded>
    </>
  );
}
