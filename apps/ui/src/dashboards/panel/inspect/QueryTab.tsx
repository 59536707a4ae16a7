import { Code, Table, Text, Title } from "@mantine/core";
import { answersToJson, type Frame } from "@narthex/dashboards";
import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { queryRequest } from "../../data/query-client.ts";
import { fileName } from "./frame-csv.ts";
import type { TabProps } from "./InspectDrawer.tsx";
import { JsonText } from "./JsonText.tsx";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

/** Returns the executed queries of frames without duplicates, because a query may return several frames. */
function executedQueries(frames: readonly Frame[]): readonly { readonly refId: string; readonly text: string }[] {
  const executed = new Map<string, { readonly refId: string; readonly text: string }>();
  for (const { refId = "", meta } of frames) {
    const text = meta?.executedQueryString;
    if (text !== undefined) executed.set(`${refId} ${text}`, { refId, text });
  }
  return [...executed.values()];
}

/** Shows the queries as they were sent to the data sources, and the request with its response. */
export function QueryTab({ inspected: { queries, range, answers, frames }, title }: TabProps) {
  const json = useMemo(
    () => ({ request: queryRequest(queries, range), response: answersToJson(answers) }),
    [queries, range, answers],
  );
  const distinct = useMemo(() => executedQueries(frames), [frames]);
  return (
    <>
      {distinct.length > 0 && (
        <div className={css("executed")}>
          <Title order={3} size="h6" mb={6}>
            Executed queries
          </Title>
          <Table mb="sm">
            <Table.Tbody>
              {distinct.map(({ refId, text }, at) => (
                <Table.Tr key={at}>
                  <Table.Th scope="row">{refId}</Table.Th>
                  <Table.Td>
                    <Code block>{text}</Code>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      <Text size="sm" mb={6}>
        The request and its response:
      </Text>
      <JsonText json={json} name={`${fileName(title)}-query.json`} />
    </>
  );
}
