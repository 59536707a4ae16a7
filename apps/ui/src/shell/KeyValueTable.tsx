import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { Card, CardTitle } from "./Card.tsx";
import { classesOf } from "./style-sheet.ts";
import styles from "./KeyValueTable.module.css";

const css = classesOf(styles);

/** Shows a heading and a table of names and values. */
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
    <Card>
      <CardTitle>
        {icon}
        {title}
      </CardTitle>
      <Table variant="vertical" layout="fixed" className={css("table")}>
        <Table.Tbody>
          {entries.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th w="38%">{name}</Table.Th>
              <Table.Td className="wrap-anywhere">{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
