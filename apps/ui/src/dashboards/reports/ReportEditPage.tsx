import "../styles/mantine.css";
import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import { Card } from "../../shell/Card.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { nowMs } from "../../time/browser-clock.ts";
import { newReport } from "./new-report.ts";
import { fetchReport, fetchRuns, reportsKey } from "./report-api.ts";
import { ReportForm } from "./ReportForm.tsx";
import { RunResult } from "./RunResult.tsx";

/** Page that creates a report, or edits the report in the page's address. */
export default function ReportEditPage() {
  const { id } = useParams();
  const [params] = useSearchParams();
  const { data, error } = useQuery({
    queryKey: ["report", id],
    queryFn: ({ signal }) => (id === undefined ? Promise.resolve(newReport(params, nowMs())) : fetchReport(id, signal)),
    gcTime: 0,
  });
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <LoadingMessage />;
  return (
    <>
      <PageHeader title={id === undefined ? "New report" : "Edit report"} />
      <ReportForm key={id} id={id} saved={data} />
      {id !== undefined && <Runs id={id} />}
    </>
  );
}

/** The last sendings of a report. */
function Runs({ id }: { id: string }) {
  const { data, error } = useQuery({
    queryKey: [...reportsKey, "runs", id],
    queryFn: ({ signal }) => fetchRuns(id, signal),
  });
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined || data.runs.length === 0) return null;
  return (
    <Card>
      <Table aria-label="Last sendings">
        <Table.Thead>
          <Table.Tr>
            {["Result", "Attempts", "Duration", "Size"].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.runs.map((run, i) => (
            <Table.Tr key={`${run.due} ${i}`}>
              <Table.Td>
                <RunResult run={run} />
              </Table.Td>
              <Table.Td>{run.attempts}</Table.Td>
              <Table.Td>{run.seconds.toFixed(1)} s</Table.Td>
              <Table.Td>{run.bytes === 0 ? "–" : `${Math.ceil(run.bytes / 1024)} KiB`}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}
