import { Switch, Textarea, TextInput } from "@mantine/core";
import type { SavedReport } from "./report-api.ts";

/** Inputs for the addresses and the texts of a report's mail. */
export function MailFields({
  report,
  onChange,
}: {
  report: SavedReport;
  onChange: (part: Partial<SavedReport>) => void;
}) {
  const field = (key: "subject" | "recipients" | "replyTo" | "message") => ({
    value: report[key],
    onChange: ({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ [key]: currentTarget.value }),
  });
  const { name, enableDashboardUrl } = report;
  return (
    <>
      <TextInput label="Recipients" description="Addresses, separated by commas" {...field("recipients")} />
      <TextInput label="Subject" description={`Empty: ${name || "the name of the report"}`} {...field("subject")} />
      <TextInput label="Address for answers" {...field("replyTo")} />
      <Textarea label="Message" autosize minRows={3} maxRows={12} {...field("message")} />
      <Switch
        label="Add a link to the dashboard"
        checked={enableDashboardUrl}
        onChange={({ currentTarget }) => onChange({ enableDashboardUrl: currentTarget.checked })}
      />
    </>
  );
}
