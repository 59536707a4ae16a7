import { Alert, Button, Group, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type BacktestForm, type BacktestReport, postBacktest } from "../../api/backtest.ts";
import { flagsQuery } from "../../api/prometheus.ts";
import { parseInstant } from "../../format/instant.ts";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useTimeZone, zoneText } from "../../shell/time-zone.ts";
import { nowMs } from "../../time/browser-clock.ts";
import { NotificationTable, OccurrenceTable, RuleTable, UnnotifiedTable } from "./BacktestTables.tsx";
import { DifferenceTables } from "./DifferenceTables.tsx";
import { BacktestTimeline } from "./BacktestTimeline.tsx";
import { timelineOf } from "./timeline.ts";

const ranges = [
  { value: "1h", label: "1 hour" },
  { value: "6h", label: "6 hours" },
  { value: "1d", label: "1 day" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
];

const LINES = { autosize: true, maxRows: 16, spellCheck: false, classNames: { input: "mono" } } as const;

const NO_TEXTS = { rules: "", against: "", behaviours: "", againstBehaviours: "", alertmanager: "", silences: "" };

type TextName = keyof typeof NO_TEXTS;

interface TextField {
  readonly name: TextName;
  readonly label: string;
  readonly description: string;
  readonly placeholder: string;
  /** The field is shown only if this other field has a text. */
  readonly needs?: TextName;
}

/** The text fields of the form, in the order of the page. */
const FIELDS: readonly TextField[] = [
  {
    name: "rules",
    label: "Rules",
    description: "The text of a rule file",
    placeholder: "groups:\n  - name: web\n    rules:\n      - alert: Down\n        expr: up == 0\n        for: 5m",
  },
  {
    name: "behaviours",
    label: "Behaviours",
    description: "The text of a behaviour file, for alerts that differ from Prometheus",
    placeholder: "behaviours:\n  - alert: Down\n    on_no_data: keep",
  },
  {
    name: "against",
    label: "Old rules",
    description: "The text of an earlier version of the rule file, to see which firings are added and lost",
    placeholder: "groups:\n  - name: web",
  },
  {
    name: "againstBehaviours",
    label: "Behaviours of the old rules",
    description: "The text of the behaviour file of the earlier version",
    placeholder: "behaviours:\n  - alert: Down",
    needs: "against",
  },
  {
    name: "alertmanager",
    label: "Alertmanager",
    description: "The text of an alertmanager.yml, to see the notifications. Nothing is sent.",
    placeholder: "route: {receiver: team, group_by: [alertname]}\nreceivers: [{name: team}]",
  },
  {
    name: "silences",
    label: "Silences",
    description: "A JSON list of silences, as GET /api/v2/silences or amtool silence query --expired -o json return it",
    placeholder: "[]",
    needs: "alertmanager",
  },
];

/** A form that is sent, with a number that differs for each run. */
interface Run {
  readonly number: number;
  readonly form: BacktestForm;
}

interface RunBacktestProps {
  /** Text of the rules when the component is drawn first. */
  readonly initialRules?: string;
  /** Path of the rule file on the server, if it has one. */
  readonly file?: string | undefined;
}

/** Runs a backtest of the rules in a text field, and shows its report. If backtests are off, names their flag. */
export default function RunBacktest({ initialRules = "", file }: RunBacktestProps) {
  const flags = useQuery(flagsQuery);
  const zone = useTimeZone();
  const [texts, setTexts] = useState({ ...NO_TEXTS, rules: initialRules });
  const [range, setRange] = useState("1d");
  const [end, setEnd] = useState("");
  const [run, setRun] = useState<Run>();
  if (flags.data?.data["web.enable-backtest"] === "false")
    return (
      <Alert color="blue" variant="light" title="Backtests are off">
        Start the server with <code>--web.enable-backtest</code> to evaluate rules over stored samples.
      </Alert>
    );
  const endMs = end.trim() === "" ? undefined : parseInstant(end.trim(), zone);
  const start = (): void => {
    const to = endMs === undefined ? undefined : endMs! / 1000;
    setRun((old) => ({
      number: (old?.number ?? 0) + 1,
      form: { ...texts, file, from: range, to },
    }));
  };
  return (
    <Stack gap="md">
      {FIELDS.filter(({ needs }) => needs === undefined || texts[needs].trim() !== "").map(
        ({ name, label, description, placeholder }) => (
          <Textarea
            key={name}
            label={label}
            description={description}
            placeholder={placeholder}
            value={texts[name]}
            onChange={({ currentTarget: { value } }) => setTexts((old) => ({ ...old, [name]: value }))}
            minRows={name === "rules" ? 4 : 2}
            {...LINES}
          />
        ),
      )}
      <Group gap="sm" align="flex-end">
        <NativeSelect
          label="Range"
          value={range}
          data={ranges}
          onChange={(event) => setRange(event.currentTarget.value)}
        />
        <TextInput
          label={`End (${zoneText(zone, nowMs())})`}
          placeholder="now"
          value={end}
          error={endMs === null && "Write the time as YYYY-MM-DD HH:mm:ss"}
          onChange={(event) => setEnd(event.currentTarget.value)}
        />
        <Button
          leftSection={<IconPlayerPlay size={15} />}
          disabled={texts.rules.trim() === "" || endMs === null}
          onClick={start}
        >
          Run backtest
        </Button>
      </Group>
      {run !== undefined && <RunningBacktest key={run.number} run={run} onCancel={() => setRun(undefined)} />}
    </Stack>
  );
}

/** Sends a form, and shows the report. The request ends when the component is removed. */
function RunningBacktest({ run: { form, number }, onCancel }: { run: Run; onCancel: () => void }) {
  const result = useQuery({
    queryKey: ["backtest", number, form],
    queryFn: ({ signal }) => postBacktest(form, signal),
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
    structuralSharing: false,
  });
  if (result.isPending)
    return (
      <Stack gap="xs" align="center">
        <LoadingMessage label="Evaluating the rules" />
        <Button variant="default" size="xs" leftSection={<IconPlayerStop size={14} />} onClick={onCancel}>
          Cancel
        </Button>
      </Stack>
    );
  if (result.isError) return <ErrorMessage error={result.error} title="The backtest failed" />;
  return <Report report={result.data.data} />;
}

function Report({ report }: { report: BacktestReport }) {
  const timeline = useMemo(() => timelineOf(report), [report]);
  const { rules, notifications, differences } = report;
  return (
    <Stack gap="md">
      {rules.map(({ name, failures }, index) =>
        failures === undefined ? null : (
          // Two rules can have equal names.
          // oxlint-disable-next-line react/no-array-index-key
          <Alert key={index} color="red" variant="light" title={`${name}: ${failures.count} evaluations failed`}>
            The first failed at {failures.firstAt}: {failures.message}
          </Alert>
        ),
      )}
      {(timeline.alerts.length > 0 || timeline.receivers.length > 0) && <BacktestTimeline timeline={timeline} />}
      {differences !== undefined && <DifferenceTables differences={differences} />}
      <RuleTable rules={rules} />
      <OccurrenceTable rules={rules} />
      {notifications !== undefined && (
        <>
          <NotificationTable {...report} />
          <UnnotifiedTable {...report} />
        </>
      )}
    </Stack>
  );
}
