import { Group, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { frequencyChoices, inZone, localText, timeOfText } from "./new-report.ts";
import type { Frequency, SavedReport } from "./report-api.ts";

const UNITS = ["hours", "days", "weeks", "months"];
const WITH_WORKDAYS: ReadonlySet<Frequency> = new Set<Frequency>(["hourly", "daily", "custom"]);

type Schedule = SavedReport["schedule"];

/** Inputs for the times at which a report is sent. */
export function ScheduleFields({ report, onChange }: { report: SavedReport; onChange: (report: SavedReport) => void }) {
  const { schedule } = report;
  const { frequency, timeZone, intervalAmount, intervalFrequency, workdaysOnly } = schedule;
  const zones = useMemo(() => [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), timeZone])], [timeZone]);
  const change = (part: Partial<Schedule>): void => onChange({ ...report, schedule: { ...schedule, ...part } });
  return (
    <>
      <Group grow align="flex-start">
        <Select
          label="Frequency"
          allowDeselect={false}
          data={frequencyChoices}
          value={frequency}
          onChange={(next) => change({ frequency: (next ?? "weekly") as Frequency })}
        />
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          limit={100}
          data={zones}
          value={timeZone}
          onChange={(next) => onChange(inZone(report, next ?? "UTC"))}
        />
      </Group>
      {frequency === "custom" && (
        <Group grow align="flex-start">
          <NumberInput
            label="Every"
            min={1}
            max={1000}
            allowDecimal={false}
            value={intervalAmount}
            onChange={(next) => change({ intervalAmount: Number(next) })}
          />
          <Select
            label="Unit"
            allowDeselect={false}
            data={UNITS}
            value={intervalFrequency}
            onChange={(next) => change({ intervalFrequency: next ?? "days" })}
          />
        </Group>
      )}
      {frequency !== "never" && <PeriodFields schedule={schedule} onChange={change} />}
      {WITH_WORKDAYS.has(frequency) && (
        <Switch
          label="Only Monday to Friday"
          checked={workdaysOnly}
          onChange={({ currentTarget }) => change({ workdaysOnly: currentTarget.checked })}
        />
      )}
    </>
  );
}

/** Inputs for the first and the last time. */
function PeriodFields({
  schedule: { frequency, timeZone, startDate, endDate },
  onChange,
}: {
  schedule: Schedule;
  onChange: (part: Partial<Schedule>) => void;
}) {
  return (
    <Group grow align="flex-start">
      <TextInput
        type="datetime-local"
        label={frequency === "once" ? "At" : "From"}
        value={localText(startDate, timeZone)}
        onChange={({ currentTarget }) => onChange({ startDate: timeOfText(currentTarget.value, timeZone) })}
      />
      {frequency !== "once" && (
        <TextInput
          type="datetime-local"
          label="Until (optional)"
          value={localText(endDate, timeZone)}
          onChange={({ currentTarget }) => onChange({ endDate: timeOfText(currentTarget.value, timeZone) })}
        />
      )}
    </Group>
  );
}
