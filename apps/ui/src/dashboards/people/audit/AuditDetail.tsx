import { Stack, Table, Text } from "@mantine/core";
import type { AuditRecord } from "./audit-api.ts";
import { differencesOf } from "./audit-words.ts";

/** Shows the details of an audit record that its row in the table does not show. */
export function AuditDetail({ record }: { record: AuditRecord }) {
  const differences = differencesOf(record);
  const { paths = [], omitted = 0, uid = "", requestId = "" } = record;
  return (
    <Stack gap={6} pb={8}>
      {differences.length > 0 && (
        <Table aria-label="Changed properties" verticalSpacing={3} withRowBorders={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Property</Table.Th>
              <Table.Th>Before</Table.Th>
              <Table.Th>After</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {differences.map(({ name, before, after }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td className="wrap-anywhere">{before}</Table.Td>
                <Table.Td className="wrap-anywhere">{after}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {paths.length > 0 && <Text size="sm">Changed parts of the dashboard: {paths.join(", ")}</Text>}
      {omitted > 0 && <Text size="sm">{omitted} similar events before this one were not recorded.</Text>}
      <Text size="xs" c="dimmed" className="wrap-anywhere">
        {[uid !== "" && `uid ${uid}`, requestId !== "" && `request ${requestId}`].filter(Boolean).join(" · ")}
      </Text>
    </Stack>
  );
}
