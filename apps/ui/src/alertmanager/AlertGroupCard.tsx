import { Badge, Group, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import { formatInstantWithZone } from "../format/instant.ts";
import { Collapsible } from "../shell/Collapsible.tsx";
import { Labels } from "../shell/Labels.tsx";
import { RelativeTime } from "../shell/RelativeTime.tsx";
import { VirtualList } from "../shell/VirtualList.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { AcknowledgeGroup } from "./AcknowledgementActions.tsx";
import { AlertItem } from "./AlertItem.tsx";
import { severityRank } from "./group-summary.ts";
import type { GroupSummary } from "./group-summary.ts";
import type { Matcher } from "./matcher-filter.ts";
import { classesOf } from "../shell/style-sheet.ts";
import styles from "./AlertGroupCard.module.css";

const css = classesOf(styles);

/** Returns the colour for a severity, by its rank. */
function severityColor(severity: string): string {
  const rank = severityRank(severity);
  if (rank <= 1) return "red";
  if (rank <= 2) return "ember";
  return rank <= 3 ? "yellow" : "gray";
}

/**
 * Returns the colour of a group's edge. The worst severity determines the colour. Without severities, the edge is red
 * if an alert is active, otherwise grey.
 */
function accentOf({ shown, severities: [worst] }: GroupSummary): string {
  if (!shown.some((alert) => alert.status.state === "active")) return "gray";
  return worst === undefined ? "red" : severityColor(worst[0]);
}

function Severities({ severities }: Pick<GroupSummary, "severities">) {
  return severities.map(([severity, count]) => (
    <Badge key={severity} variant="light" color={severityColor(severity)} className={css("severity")}>
      {severity}
      {(count > 1 || severities.length > 1) && ` ${count}`}
    </Badge>
  ));
}

function countWords(summary: GroupSummary): string {
  const { group, shown, silencedCount, inhibitedCount, acknowledgedCount, hiddenCount } = summary;
  return [
    ...(group.receiver === null ? [] : [group.receiver.name]),
    `${shown.length} ${shown.length === 1 ? "alert" : "alerts"}`,
    ...(acknowledgedCount > 0 ? [`${acknowledgedCount} acknowledged`] : []),
    ...(silencedCount > 0 ? [`${silencedCount} silenced`] : []),
    ...(inhibitedCount > 0 ? [`${inhibitedCount} inhibited`] : []),
    ...(hiddenCount > 0 ? [`${hiddenCount} hidden`] : []),
  ].join(" · ");
}

function Age({ sinceMs }: Pick<GroupSummary, "sinceMs">) {
  const zone = useTimeZone();
  return (
    <Tooltip label={`The first of these alerts started ${formatInstantWithZone(sinceMs, zone)}`}>
      <span className={css("age")}>
        <RelativeTime unixMs={sinceMs} />
      </span>
    </Tooltip>
  );
}

function Title({ summary, open }: { summary: GroupSummary; open: boolean }) {
  const { group, severities, text } = summary;
  const routeLabels = group.routeLabels ?? {};
  return (
    <>
      <Group gap="xs">
        <Severities severities={severities} />
        {Object.keys(group.labels).length === 0 ? <Text size="sm">Not grouped</Text> : <Labels labels={group.labels} />}
        {Object.keys(routeLabels).length > 0 && (
          <span className={css("route")}>
            <Labels labels={routeLabels} />
          </span>
        )}
      </Group>
      {!open && text !== null && (
        <Text size="sm" c="dimmed" lineClamp={1} component="span" className={css("text")}>
          {text}
        </Text>
      )}
    </>
  );
}

/**
 * Card of an alert group. A closed card shows the worst severity, the first alert's text, the start time and the number
 * of hidden alerts.
 */
export function AlertGroupCard({
  summary,
  open,
  onToggle,
  onMatcher,
}: {
  summary: GroupSummary;
  open: boolean;
  onToggle: () => void;
  onMatcher: (matcher: Matcher) => void;
}): ReactNode {
  return (
    <Collapsible
      title={<Title summary={summary} open={open} />}
      summary={
        <>
          <Age sinceMs={summary.sinceMs} /> · {countWords(summary)}
        </>
      }
      accent={accentOf(summary)}
      open={open}
      onToggle={onToggle}
    >
      <AcknowledgeGroup alerts={summary.shown} />
      <VirtualList
        items={summary.shown}
        keyOf={(alert) => alert.fingerprint}
        render={(alert) => <AlertItem alert={alert} onMatcher={onMatcher} />}
      />
    </Collapsible>
  );
}
