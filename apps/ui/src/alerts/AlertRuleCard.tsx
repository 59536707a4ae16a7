import { useTimeZone } from "../shell/time-zone.ts";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Alert, AlertingRule } from "../api/rule-data.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { heldText } from "../rules/behaviour-text.ts";
import { BehaviourTexts } from "../rules/BehaviourTexts.tsx";
import { sortAlerts } from "../rules/rule-filter.ts";
import { ExpressionLink } from "../shell/ExpressionLink.tsx";
import { Collapsible } from "../shell/Collapsible.tsx";
import { type DataColumn, DataTable } from "../shell/DataTable.tsx";
import { Labels } from "../shell/Labels.tsx";
import { StateBadge, stateColor } from "../shell/StateBadge.tsx";
import { usePreferences } from "../shell/preferences.ts";
import { AlertLinks } from "../shell/AlertLinks.tsx";
import { Annotations } from "../shell/Annotations.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertRuleCard.module.css";

const css = classesOf(styles);

function RuleAttributes({ rule }: { rule: AlertingRule }) {
  return (
    <div className={css("facts")}>
      <ExpressionLink expr={rule.query} />
      <Group gap="xs">
        {rule.duration > 0 && <Text size="xs">for {humanizeDuration(rule.duration * 1000)}</Text>}
        {rule.keepFiringFor > 0 && <Text size="xs">keep firing for {humanizeDuration(rule.keepFiringFor * 1000)}</Text>}
        <BehaviourTexts rule={rule} />
        <Labels labels={rule.labels ?? {}} />
        <AlertLinks annotations={rule.annotations ?? {}} startMs={null} />
      </Group>
      <Annotations annotations={rule.annotations ?? {}} />
    </div>
  );
}

function ActiveSince({ alert }: { alert: Alert }) {
  const zone = useTimeZone();
  const since = parseApiTime(alert.activeAt);
  const kept = parseApiTime(alert.keepFiringSince);
  const heldUntil = parseApiTime(alert.heldUntil);
  return (
    <>
      <Tooltip label={since === null ? "" : formatInstantWithZone(since, zone)}>
        <span>
          <RelativeTime unixMs={since} />
        </span>
      </Tooltip>
      {kept !== null && (
        <Text size="xs" c="dimmed">
          kept firing since <RelativeTime unixMs={kept} />
        </Text>
      )}
      {alert.heldBy !== undefined && (
        <Text size="xs" c="dimmed">
          {heldText[alert.heldBy]}
          {heldUntil !== null && ` until ${formatInstantWithZone(heldUntil, zone)}`}
        </Text>
      )}
    </>
  );
}

const columns: ReadonlyArray<DataColumn<Alert>> = [
  {
    header: "Labels",
    cell: ({ labels, annotations, activeAt }) => (
      <>
        <Labels labels={labels} />
        <Group gap="sm">
          <AlertLinks annotations={annotations} startMs={parseApiTime(activeAt)} />
        </Group>
      </>
    ),
  },
  { header: "State", cell: ({ state }) => <StateBadge state={state} />, width: 120 },
  { header: "Active since", cell: (alert) => <ActiveSince alert={alert} />, width: 170 },
  {
    header: "Value",
    cell: ({ value }) => (Number.isNaN(Number(value)) ? value : String(Number(value))),
    className: "mono",
    width: 140,
  },
];

const annotationsOf = ({ annotations }: Alert): ReactNode =>
  Object.keys(annotations).length > 0 ? <Annotations annotations={annotations} /> : null;

function AlertTable({ rule }: { rule: AlertingRule }) {
  const { showAnnotations } = usePreferences();
  const alerts = sortAlerts(rule.alerts ?? []);
  if (alerts.length === 0) return null;
  return (
    <DataTable
      columns={columns}
      items={alerts}
      keyOf={({ labels }) => JSON.stringify(labels)}
      detail={showAnnotations ? annotationsOf : undefined}
      stacked
      virtual
      aria-label={`Alerts of ${rule.name}`}
    />
  );
}

function RuleSummary({ rule }: { rule: AlertingRule }) {
  const count = (state: Alert["state"]): number => (rule.alerts ?? []).filter((alert) => alert.state === state).length;
  const pending = count("pending");
  const firing = count("firing");
  if (pending + firing === 0) return <StateBadge state={rule.state} />;
  return (
    <Group gap={6}>
      {pending > 0 && <StateBadge state="pending" count={pending} />}
      {firing > 0 && <StateBadge state="firing" count={firing} />}
    </Group>
  );
}

/** One alerting rule with its state. When open, the card shows its expression, texts and active alerts. */
export function AlertRuleCard({ rule, open, onToggle }: { rule: AlertingRule; open: boolean; onToggle: () => void }) {
  return (
    <Collapsible
      title={
        <Text component="span" fw={560}>
          {rule.name}
        </Text>
      }
      summary={<RuleSummary rule={rule} />}
      accent={stateColor[rule.state]}
      open={open}
      onToggle={onToggle}
      actions={
        <CopyButton value={rule.name}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy name"}>
              <ActionIcon variant="subtle" color="gray" m={6} aria-label={`Copy ${rule.name}`} onClick={copy}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      }
    >
      <RuleAttributes rule={rule} />
      <AlertTable rule={rule} />
    </Collapsible>
  );
}
