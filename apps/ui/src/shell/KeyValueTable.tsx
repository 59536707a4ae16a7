import { Paper, Table, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Names and values in two columns under a heading. */
export function KeyValueTable({
  title,
  icon,
  entries,
}: {
  title: string;
  icon?: ReactNode;
  entries: ReadonlyArray<readonly [string, ReactNode]>;
}) {
  return (
    <Paper withBorder className="card">
      <Title order={2} size="h5" className="card-title">
        {icon}
        {title}
      </Title>
      <Table variant="vertical" layout="fixed" className="key-value-table">
        <Table.Tbody>
          {entries.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w="38%">{name}</Table.Th>
              <Table.Td className="wrap-anywhere">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
