import { Group, Text } from "@mantine/core";
import { formatDuration, humanizeDuration } from "../../format/duration.ts";
import { formatInstant } from "../../format/instant.ts";
import { Card, CardTitle } from "../../shell/Card.tsx";
import { Labels } from "../../shell/Labels.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { shortOffsetText, useTimeZone } from "../../shell/time-zone.ts";
import styles from "./BacktestTimeline.module.css";
import {
  type AlertLane,
  type NotificationMark,
  percentAt,
  type ReceiverLane,
  type Timeline,
  type TimelineSpan,
} from "./timeline.ts";

const css = classesOf(styles);

/** Each state has a colour and a height of its own, for people who do not see the colours. */
const looks = {
  firing: { className: css("firing"), y: "10%", height: "80%" },
  pending: { className: css("pending"), y: "50%", height: "40%" },
  resolved: { className: css("resolved"), y: "50%", height: "40%" },
} as const;

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;

/** Draws a lane for each label set and each receiver, on one time axis. */
export function BacktestTimeline({ timeline }: { timeline: Timeline }) {
  const zone = useTimeZone();
  const { fromMs, toMs, alerts, hiddenAlerts, receivers, hiddenReceivers } = timeline;
  const ticks = [fromMs, (fromMs + toMs) / 2, toMs];
  return (
    <Card component="section" aria-label="Timeline">
      <CardTitle>Timeline</CardTitle>
      <Legend hasReceivers={receivers.length > 0} />
      <div className={css("axis")}>
        <div className={css("ticks")}>
          {ticks.map((ms) => (
            <Text key={ms} size="xs" c="dimmed" component="span">
              {formatInstant(ms, zone).slice(5, 16)} {ms === fromMs && shortOffsetText(zone, ms)}
            </Text>
          ))}
        </div>
      </div>
      {receivers.map((lane) => (
        <ReceiverRow key={lane.receiver} lane={lane} timeline={timeline} zone={zone} />
      ))}
      {alerts.map((lane, index) => (
        // Two rules can have equal names and labels.
        // oxlint-disable-next-line react/no-array-index-key
        <AlertRow key={index} lane={lane} timeline={timeline} zone={zone} />
      ))}
      {(hiddenAlerts > 0 || hiddenReceivers > 0) && (
        <Text size="sm" c="dimmed" px={12} py={6}>
          Not drawn:{" "}
          {[
            ...(hiddenAlerts > 0 ? [counted(hiddenAlerts, "label set")] : []),
            ...(hiddenReceivers > 0 ? [counted(hiddenReceivers, "receiver")] : []),
          ].join(" and ")}
          . The tables below contain all.
        </Text>
      )}
    </Card>
  );
}

function Legend({ hasReceivers }: { hasReceivers: boolean }) {
  const entry = (kind: "firing" | "pending" | "resolved", isMark: boolean, text: string) => (
    <Group gap={6} wrap="nowrap">
      <svg className={css("sample")} aria-hidden="true">
        {isMark ? <Mark at="50%" kind={kind} /> : <rect x="0" width="100%" {...looks[kind]} />}
      </svg>
      <Text size="xs" component="span">
        {text}
      </Text>
    </Group>
  );
  return (
    <Group gap="md" px={12} pt={8}>
      {entry("pending", false, "pending")}
      {entry("firing", false, "firing")}
      {hasReceivers && entry("firing", true, "notification with firing alerts")}
      {hasReceivers && entry("resolved", true, "notification with resolved alerts only")}
    </Group>
  );
}

const Mark = ({ at, kind }: { at: string; kind: keyof typeof looks }) => <rect x={at} width="2" {...looks[kind]} />;

interface RowProps<T> {
  readonly lane: T;
  readonly timeline: Timeline;
  readonly zone: string;
}

function AlertRow({ lane: { rule, labels, spans, fired, firingMs }, timeline, zone }: RowProps<AlertLane>) {
  const summary = fired === 0 ? "pending only" : `fired ${fired} × for ${humanizeDuration(firingMs)}`;
  return (
    <div className={css("lane")}>
      <div className="wrap-anywhere">
        <Text size="sm" component="span">
          <b>{rule}</b>, {summary}
        </Text>{" "}
        <Labels labels={labels} hide={["alertname"]} />
      </div>
      <svg className={css("drawing")} role="img" aria-label={`${rule}, ${summary}`}>
        {spans.map((span) => (
          <Span key={`${span.kind} ${span.fromMs}`} span={span} timeline={timeline} zone={zone} />
        ))}
      </svg>
    </div>
  );
}

function Span({
  span: { kind, fromMs, toMs },
  timeline,
  zone,
}: Pick<RowProps<unknown>, "timeline" | "zone"> & { span: TimelineSpan }) {
  const from = percentAt(timeline, fromMs);
  return (
    <rect data-kind={kind} x={`${from}%`} width={`${percentAt(timeline, toMs) - from}%`} {...looks[kind]}>
      <title>
        {`${kind} from ${formatInstant(fromMs, zone)} to ${formatInstant(toMs, zone)} (${formatDuration(toMs - fromMs)})`}
      </title>
    </rect>
  );
}

function ReceiverRow({ lane: { receiver, marks }, timeline, zone }: RowProps<ReceiverLane>) {
  const count = marks.reduce((sum, { notifications }) => sum + notifications, 0);
  const summary = counted(count, "notification");
  return (
    <div className={css("lane")}>
      <Text size="sm" className="wrap-anywhere">
        To <b>{receiver}</b>, {summary}
      </Text>
      <svg className={css("drawing")} role="img" aria-label={`To ${receiver}, ${summary}`}>
        {marks.map((mark) => (
          <g key={mark.atMs} data-kind="notification">
            <title>{markText(mark, zone)}</title>
            <Mark at={`${percentAt(timeline, mark.atMs)}%`} kind={mark.firing > 0 ? "firing" : "resolved"} />
          </g>
        ))}
      </svg>
    </div>
  );
}

const markText = ({ atMs, notifications, firing, resolved }: NotificationMark, zone: string): string =>
  `${formatInstant(atMs, zone)}: ${counted(notifications, "notification")}, ${firing} firing, ${resolved} resolved`;
