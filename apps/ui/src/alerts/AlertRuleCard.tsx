import { useTimeZone } from "../shell/time-zone.ts";
import { RelativeTime, WouldFire } from "../shell/RelativeTime.tsx";
import { ActionIcon, CopyButton, Group, Stack, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { type ReactNode, use, useMemo } from "react";
import type { Alert, AlertingRule } from "../api/rule-data.ts";
import { textOf } from "../alertmanager/group-summary.ts";
import { humanizeDuration } from "../format/duration.ts";
import { shortNumberText } from "../format/short-number.ts";
import { formatInstantWithZone, parseApiTime } from "../format/instant.ts";
import { heldText } from "../rules/behaviour-text.ts";
import { BehaviourTexts } from "../rules/BehaviourTexts.tsx";
import { sortAlerts } from "../rules/rule-filter.ts";
import { ExpressionLink } from "../shell/ExpressionLink.tsx";
import { Collapsible } from "../shell/Collapsible.tsx";
import { type DataColumn, DataTable } from "../shell/DataTable.tsx";
import { Labels } from "../shell/Labels.tsx";
import { StateBadge, stateColor } from "../shell/StateBadge.tsx";
import { AlertLinks } from "../shell/AlertLinks.tsx";
import { Annotations } from "../shell/Annotations.tsx";
import { classesOf } from "../shell/style-sheet.ts";
import { ManagedState } from "./ManagedState.tsx";
import { SilenceRules } from "./SilenceRules.tsx";
import { ManagedAlertsContext } from "./use-managed-alerts.ts";
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
      {Object.keys(rule.annotations ?? {}).length > 0 && (
        <details>
          <summary>
            <Text span size="xs" c="dimmed">
              Annotations of the rule
            </Text>
          </summary>
          <Annotations annotations={rule.annotations ?? {}} />
        </details>
      )}
    </div>
  );
}

function ActiveSince({ alert, duration }: { alert: Alert; duration: number }) {
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
      {alert.state === "pending" && since !== null && (
        <Text size="xs" c="dimmed">
          <WouldFire firesAt={since + duration * 1000} />
        </Text>
      )}
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

/** @param duration the rule's `for`, seconds */
const columnsOf = (duration: number): ReadonlyArray<DataColumn<Alert>> => [
  {
    header: "Labels",
    cell: ({ labels, annotations, activeAt }) => (
      <>
        <Labels labels={labels} />
        <Group gap="sm">
          <AlertLinks annotations={annotations} labels={labels} startMs={parseApiTime(activeAt)} />
        </Group>
      </>
    ),
  },
  { header: "State", cell: ({ state }) => <StateBadge state={state} />, width: 120 },
  { header: "Active since", cell: (alert) => <ActiveSince alert={alert} duration={duration} />, width: 190 },
  {
    header: "Value",
    cell: ({ value }) => <span title={value}>{shortNumberText(value)}</span>,
    className: "mono",
    width: 140,
  },
];

const detailOf = (alert: Alert): ReactNode => (
  <Stack gap={4}>
    <Annotations annotations={alert.annotations} />
    <ManagedState alert={alert} />
  </Stack>
);

function AlertTable({ rule }: { rule: AlertingRule }) {
  const columns = useMemo(() => columnsOf(rule.duration), [rule.duration]);
  const alerts = sortAlerts(rule.alerts ?? []);
  if (alerts.length === 0) return null;
  return (
    <DataTable
      columns={columns}
      items={alerts}
      keyOf={({ labels }) => JSON.stringify(labels)}
      detail={detailOf}
      stacked
      virtual
      aria-label={`Alerts of ${rule.name}`}
    />
  );
}

function RuleSummary({ rule }: { rule: AlertingRule }) {
  const managed = use(ManagedAlertsContext);
  // A rule may have thousands of alerts, so they are counted once for each answer.
  const { pending, firing, silenced } = useMemo(() => {
    const counts = { pending: 0, firing: 0, silenced: 0 };
    for (const alert of rule.alerts ?? []) {
      if (alert.state === "pending" || alert.state === "firing") counts[alert.state]++;
      if ((managed?.find(alert)?.status.silencedBy.length ?? 0) > 0) counts.silenced++;
    }
    return counts;
  }, [rule.alerts, managed]);
  if (pending + firing === 0) return <StateBadge state={rule.state} />;
  return (
    <Group gap={6}>
      {pending > 0 && <StateBadge state="pending" count={pending} />}
      {firing > 0 && <StateBadge state="firing" count={firing} />}
      {silenced > 0 && <StateBadge state="suppressed" label="silenced" count={silenced} />}
    </Group>
  );
}

/**
 * One alerting rule with its state. A closed card shows the text of its first alert, an open card its expression and its
 * alerts.
 */
export function AlertRuleCard({ rule, open, onToggle }: { rule: AlertingRule; open: boolean; onToggle: () => void }) {
  const text = useMemo(() => {
    const [first] = sortAlerts(rule.alerts ?? []);
    return first === undefined ? null : textOf(first);
  }, [rule.alerts]);
  return (
    <Collapsible
      title={
        <>
          <Text component="span" fw={560}>
            {rule.name}
          </Text>
          {!open && text !== null && (
            <Text component="span" size="sm" c="dimmed" lineClamp={1}>
              {text}
            </Text>
          )}
        </>
      }
      summary={<RuleSummary rule={rule} />}
      accent={stateColor[rule.state]}
      open={open}
      onToggle={onToggle}
      actions={
        <Group gap={4} wrap="nowrap">
          <SilenceRules names={[rule.name]} isActive={rule.state === "firing" || rule.state === "pending"} />
          <CopyButton value={rule.name}>
            {({ copied, copy }) => (
              <Tooltip label={copied ? "Copied" : "Copy name"}>
                <ActionIcon variant="subtle" color="gray" m={6} aria-label={`Copy ${rule.name}`} onClick={copy}>
                  {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                </ActionIcon>
              </Tooltip>
            )}
          </CopyButton>
        </Group>
      }
    >
      <RuleAttributes rule={rule} />
      <AlertTable rule={rule} />
    </Collapsible>
  );
}
