import { Anchor, Button, Checkbox, Group, Stack, Switch, TextInput, Title } from "@mantine/core";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { useChange } from "../people/frame/use-change.ts";
import { LayoutFields } from "./LayoutFields.tsx";
import { MailFields } from "./MailFields.tsx";
import { ReportedDashboardFields } from "./ReportedDashboardFields.tsx";
import { pdfAddress, pictureAddress, reportsKey, type SavedReport, saveReport, sendTestMail } from "./report-api.ts";
import { ScheduleFields } from "./ScheduleFields.tsx";

/** A form that creates or changes a report. */
export function ReportForm({ id, saved }: { id: string | undefined; saved: SavedReport }) {
  const [report, setReport] = useState(saved);
  const navigate = useNavigate();
  const save = useChange(() => saveReport(id, report), [reportsKey], { after: () => void navigate("/reports") });
  const test = useChange(() => sendTestMail(report), [], { done: "The test mail was sent" });
  const change = (part: Partial<SavedReport>): void => setReport((before) => ({ ...before, ...part }));
  const { name, recipients, formats, dashboards, state } = report;
  const hasDashboard = dashboards.every(({ dashboard }) => dashboard.uid !== "");
  const isComplete = name.trim() !== "" && hasDashboard && formats.length > 0;
  return (
    <Stack gap="md" maw={760} mb="lg">
      <TextInput
        label="Name"
        required
        value={name}
        onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        error={name.length > 190 ? "At most 190 characters" : null}
      />
      <Section title="Dashboard" />
      <ReportedDashboardFields dashboards={dashboards} onChange={(next) => change({ dashboards: next })} />
      <LayoutFields report={report} onChange={change} />
      <Checkbox.Group label="Formats" value={[...formats]} onChange={(next) => change({ formats: next })}>
        <Group mt={6}>
          <Checkbox value="pdf" label="PDF as an attachment" />
          <Checkbox value="image" label="Picture in the mail" />
        </Group>
      </Checkbox.Group>
      {hasDashboard && (
        <Group gap="md">
          <Anchor size="sm" href={pdfAddress(report)} target="_blank">
            Open the PDF
          </Anchor>
          <Anchor size="sm" href={pictureAddress(report)} target="_blank">
            Open the picture
          </Anchor>
        </Group>
      )}
      <Section title="Schedule" />
      <ScheduleFields report={report} onChange={setReport} />
      <Switch
        label="Send on this schedule"
        checked={state === "scheduled" || state === "expired" || state === "never"}
        onChange={({ currentTarget }) => change({ state: currentTarget.checked ? "scheduled" : "paused" })}
      />
      <Section title="Mail" />
      <MailFields report={report} onChange={change} />
      {save.error !== null && <ErrorMessage error={save.error} />}
      {test.error !== null && <ErrorMessage error={test.error} title="The test mail was not sent" />}
      <Group gap="sm">
        <Button loading={save.isPending} disabled={!isComplete} onClick={() => save.mutate()}>
          Save
        </Button>
        <Button
          variant="light"
          loading={test.isPending}
          disabled={!isComplete || recipients.trim() === ""}
          onClick={() => test.mutate()}
        >
          Send a test mail
        </Button>
        <Button variant="default" component={Link} to="/reports">
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function Section({ title }: { title: string }) {
  return (
    <Title order={2} size="h4" mt="sm">
      {title}
    </Title>
  );
}
