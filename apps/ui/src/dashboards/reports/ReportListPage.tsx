import "../styles/mantine.css";
import { ActionIcon, Badge, Button, Group, Table, Text, Tooltip } from "@mantine/core";
import { IconEdit, IconMailFast, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { Card } from "../../shell/Card.tsx";
import { ConfirmModal } from "../../shell/ConfirmModal.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { TimeText } from "../people/frame/TimeText.tsx";
import { useChange } from "../people/frame/use-change.ts";
import { scheduleWords } from "./new-report.ts";
import { deleteReport, fetchReports, type ListedReport, reportsKey, sendReport } from "./report-api.ts";
import { RunResult } from "./RunResult.tsx";

/** The list of reports, with the next and the last sending of each. */
export default function ReportListPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: reportsKey,
    queryFn: ({ signal }) => fetchReports(signal),
  });
  const remove = useChange(deleteReport, [reportsKey]);
  const send = useChange(sendReport, [reportsKey], { done: "The report was sent" });
  const [asked, setAsked] = useState<{ readonly report: ListedReport; readonly action: "delete" | "send" }>();
  return (
    <>
      <PageHeader
        title="Reports"
        toolbar={
          <Button component={Link} to="/reports/new" size="xs" leftSection={<IconPlus size={15} aria-hidden />}>
            New report
          </Button>
        }
      />
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {remove.error !== null && <ErrorMessage error={remove.error} />}
      {send.error !== null && <ErrorMessage error={send.error} />}
      {send.isPending && <LoadingMessage label="Sending the report" />}
      {isPending && <LoadingMessage label="Loading reports" />}
      {data?.length === 0 && (
        <EmptyMessage title="No reports yet">
          A report sends a dashboard by mail on a schedule, as a PDF or a picture.
        </EmptyMessage>
      )}
      {data !== undefined && data.length > 0 && (
        <Card>
          <Table.ScrollContainer minWidth={680}>
            <Table aria-label="Reports">
              <Table.Thead>
                <Table.Tr>
                  {["Name", "Schedule", "Next", "Last", ""].map((title) => (
                    <Table.Th key={title}>{title}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.map((report) => (
                  <ReportRow key={report.id} report={report} onAsk={(action) => setAsked({ report, action })} />
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Card>
      )}
      {asked?.action === "delete" && (
        <ConfirmModal
          title="Delete this report?"
          action="Delete"
          onConfirm={() => remove.mutate(asked.report.id)}
          onClose={() => setAsked(undefined)}
        >
          “{asked.report.name}” is not sent any more.
        </ConfirmModal>
      )}
      {asked?.action === "send" && (
        <ConfirmModal
          title="Send this report now?"
          action="Send"
          onConfirm={() => send.mutate(asked.report.id)}
          onClose={() => setAsked(undefined)}
        >
          “{asked.report.name}” is sent to {asked.report.recipients.split(",").join(", ")}.
        </ConfirmModal>
      )}
    </>
  );
}

const STATE_COLORS: Readonly<Record<string, string>> = { scheduled: "fennel", paused: "ember" };

function ReportRow({ report, onAsk }: { report: ListedReport; onAsk: (action: "delete" | "send") => void }) {
  const { id, name, state, schedule, dashboards, narthex, recipients } = report;
  const titles = dashboards.map(({ dashboard }) => dashboard.name || dashboard.uid).join(", ");
  return (
    <Table.Tr>
      <Table.Td className="wrap-anywhere">
        <Link to={`/reports/edit/${id}`}>{name}</Link>{" "}
        <Badge size="xs" variant="light" color={STATE_COLORS[state] ?? "gray"}>
          {state}
        </Badge>
        <Text size="xs" c="dimmed">
          {titles}
        </Text>
        {narthex.notice !== "" && (
          <Text size="xs" c="red">
            Paused: {narthex.notice}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {scheduleWords(schedule)}
        <Text size="xs" c="dimmed">
          {schedule.timeZone}
        </Text>
      </Table.Td>
      <Table.Td>{narthex.nextRun === undefined ? "–" : <TimeText time={narthex.nextRun} />}</Table.Td>
      <Table.Td>{narthex.lastRun === undefined ? "–" : <RunResult run={narthex.lastRun} />}</Table.Td>
      <Table.Td>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Act label={`Send ${name}`} isOff={recipients === ""} onClick={() => onAsk("send")}>
            <IconMailFast size={16} />
          </Act>
          <Tooltip label="Edit">
            <ActionIcon
              component={Link}
              to={`/reports/edit/${id}`}
              variant="subtle"
              color="gray"
              aria-label={`Edit ${name}`}
            >
              <IconEdit size={16} />
            </ActionIcon>
          </Tooltip>
          <Act label={`Delete ${name}`} onClick={() => onAsk("delete")}>
            <IconTrash size={16} />
          </Act>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

function Act({
  label,
  isOff = false,
  onClick,
  children,
}: {
  label: string;
  isOff?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={isOff} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
