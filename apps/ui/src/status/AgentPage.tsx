import { Paper, Text } from "@mantine/core";
import { PageHeader } from "../shell/PageHeader.tsx";

/** What an agent does and does not do. */
export default function AgentPage() {
  return (
    <>
      <PageHeader title="Agent" />
      <Paper withBorder className="card" p="md" maw={720}>
        <Text>
          This server runs as an agent: it finds targets, scrapes them and forwards the samples by remote write. It
          keeps no database, so that queries, rules and alerts happen at the receiving end.
        </Text>
      </Paper>
    </>
  );
}
