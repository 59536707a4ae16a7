import {
  Button,
  Fieldset,
  Group,
  Select,
  SegmentedControl,
  Stack,
  Switch,
  TagsInput,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { describeRange, isDateMath, parseInterval } from "@narthex/dashboards";
import { IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";
import { nowMs } from "../../../time/browser-clock.ts";
import { zoneChoices, zoneValue } from "../../../time-controls/time-zones.ts";
import { useDashboards } from "../../data/use-dashboards.ts";
import { tagCounts } from "../../data/dashboard-list.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { FolderSelect } from "../save/FolderSelect.tsx";
import { DraftText } from "../panel/inputs/DraftText.tsx";
import { useJsonFields } from "./json-fields.ts";

export default function GeneralTab() {
  const { dashboard, folderUid, moveTo, isNew, meta, openDialog } = useDashboardEdit();
  const fields = useJsonFields([], "the dashboard");
  const { data: hits = [] } = useDashboards("");
  const known = useMemo(() => tagCounts(hits).map(([tag]) => tag), [hits]);
  return (
    <Stack gap="md" maw={640}>
      <TextInput
        label="Title"
        required
        {...fields.text("title")}
        error={dashboard.title.trim() === "" ? "A dashboard needs a title." : undefined}
      />
      <Textarea label="Description" autosize minRows={2} {...fields.text("description")} />
      <TagsInput
        label="Tags"
        placeholder="New tag, then Enter"
        data={known}
        limit={200}
        value={[...dashboard.tags]}
        onChange={(tags) => fields.set(["tags"], tags)}
      />
      <FolderSelect value={folderUid} onChange={moveTo} />
      <Switch
        label="Editable"
        description="If this is off, users must make the dashboard editable before they can change it."
        checked={dashboard.editable}
        onChange={({ currentTarget }) => fields.set(["editable"], currentTarget.checked)}
      />
      <TimeFields />
      <div>
        <Text size="sm" fw={500} mb={4}>
          Pointer over panels
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Pointer over panels"
          data={[
            { value: "0", label: "Not shared" },
            { value: "1", label: "Shared crosshair" },
            { value: "2", label: "Shared tooltip" },
          ]}
          value={String(["off", "crosshair", "tooltip"].indexOf(dashboard.cursorSync))}
          onChange={(value) => fields.set(["graphTooltip"], Number(value))}
        />
      </div>
      {!isNew && meta.canDelete !== false && meta.provisioned !== true && (
        <Group>
          <Button color="red.8" leftSection={<IconTrash size={16} />} onClick={() => openDialog("delete")}>
            Delete dashboard
          </Button>
        </Group>
      )}
    </Stack>
  );
}

const MONTHS = Array.from({ length: 12 }, (_, month) => ({
  value: String(month),
  label: new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(Date.UTC(2024, month, 15)),
}));

function TimeFields() {
  const { dashboard } = useDashboardEdit();
  const fields = useJsonFields([], "the dashboard");
  const zones = useMemo(() => zoneChoices(nowMs()).map(({ value, text }) => ({ value, label: text })), []);
  const { from, to } = dashboard.time;
  return (
    <Fieldset legend="Time" p="sm">
      <Stack gap="sm">
        <Select
          label="Time zone"
          searchable
          allowDeselect={false}
          data={zones}
          value={zoneValue(dashboard.timezone)}
          onChange={(zone) => fields.set(["timezone"], zone ?? "browser")}
        />
        <Group grow align="flex-start">
          <DraftText
            isLabelled
            label="From"
            value={from}
            problemOf={timeProblem}
            onCommit={(text) => fields.set(["time", "from"], text)}
          />
          <DraftText
            isLabelled
            label="To"
            value={to}
            problemOf={timeProblem}
            onCommit={(text) => fields.set(["time", "to"], text)}
          />
        </Group>
        <Text size="xs" c="dimmed">
          The dashboard opens with {describeRange({ from, to }) ?? "this range"}.
        </Text>
        <Group grow align="flex-start">
          <DraftText
            isLabelled
            label="Refresh every"
            description="Empty: no automatic refresh"
            value={dashboard.refresh}
            problemOf={intervalProblem}
            onCommit={(text) => fields.set(["refresh"], text)}
          />
          <DraftText
            isLabelled
            label="Now is delayed by"
            description="For data that arrives late, such as 1m"
            value={dashboard.nowDelay}
            problemOf={intervalProblem}
            onCommit={(text) => fields.set(["timepicker", "nowDelay"], text === "" ? undefined : text)}
          />
        </Group>
        <DraftText
          isLabelled
          label="Refresh intervals to choose from"
          value={dashboard.refreshIntervals.join(", ")}
          problemOf={(text) =>
            listOf(text)
              .map(intervalProblem)
              .find((problem) => problem !== undefined)
          }
          onCommit={(text) => fields.set(["timepicker", "refresh_intervals"], listOf(text))}
        />
        <Group grow align="flex-start">
          <Select
            label="Week starts on"
            allowDeselect={false}
            data={[
              { value: "", label: "As in the browser's language" },
              { value: "saturday", label: "Saturday" },
              { value: "sunday", label: "Sunday" },
              { value: "monday", label: "Monday" },
            ]}
            value={dashboard.weekStart}
            onChange={(day) => fields.set(["weekStart"], day ?? "")}
          />
          <Select
            label="Fiscal year starts in"
            allowDeselect={false}
            data={MONTHS}
            value={String(dashboard.fiscalYearStartMonth)}
            onChange={(month) => fields.set(["fiscalYearStartMonth"], Number(month ?? 0))}
          />
        </Group>
        <Switch label="Hide the time picker" {...fields.flag("timepicker", "hidden")} />
      </Stack>
    </Fieldset>
  );
}

const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const intervalProblem = (text: string): string | undefined =>
  text === "" || parseInterval(text) !== undefined ? undefined : `"${text}" is not a duration such as 30s, 5m or 1h.`;

const timeProblem = (text: string): string | undefined =>
  isDateMath(text) || !Number.isNaN(Date.parse(text)) || /^\d+$/.test(text)
    ? undefined
    : `"${text}" is not a time such as now-6h or 2025-01-31 12:00.`;
