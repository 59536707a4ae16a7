import { Text } from "@mantine/core";
import { PageHeader } from "../shell/PageHeader.tsx";
import { Card } from "../shell/Card.tsx";

/** Start page in agent mode, which explains what an agent does. */
export default function AgentPage() {
  return (
    <>
      <PageHeader title="Agent" />
      <Card p="md" maw={720}>
        <Text>
          This server runs as an agent: it finds targets, scrapes them and forwards the samples by remote write. It has
          no database, so queries, rules and alerts run on the receiving server.
        </Text>
      </Card>
    </>
  );
}
