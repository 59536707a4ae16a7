import type { AlertOccurrence, BacktestReport } from "../../api/backtest.ts";
import type { LabelSet } from "../../format/series-name.ts";

/** A part of a lane. Times are in Unix ms. */
export interface TimelineSpan {
  readonly kind: "firing" | "pending";
  readonly fromMs: number;
  readonly toMs: number;
}

/** The occurrences of an alert with one set of labels. */
export interface AlertLane {
  readonly rule: string;
  readonly labels: LabelSet;
  readonly spans: readonly TimelineSpan[];
  /** Number of occurrences that fired, and how long together. */
  readonly fired: number;
  readonly firingMs: number;
}

/** Notifications of a receiver at nearly the same time. */
export interface NotificationMark {
  readonly atMs: number;
  readonly notifications: number;
  /** Numbers of alerts in the notifications. */
  readonly firing: number;
  readonly resolved: number;
}

export interface ReceiverLane {
  readonly receiver: string;
  readonly marks: readonly NotificationMark[];
}

/** The drawn part of a report. Times are in Unix ms. */
export interface Timeline {
  readonly fromMs: number;
  readonly toMs: number;
  readonly alerts: readonly AlertLane[];
  /** Number of label sets that are not drawn. */
  readonly hiddenAlerts: number;
  readonly receivers: readonly ReceiverLane[];
  readonly hiddenReceivers: number;
}

const MAX_ALERT_LANES = 100;
const MAX_RECEIVER_LANES = 20;
/** Largest number of spans in all lanes together, unless the first lane has more. */
const MAX_SPANS = 3000;
/** Spans of a lane that are nearer than this share of the range are drawn as one. */
const SPAN_RESOLUTION = 1 / 500;
/** The same for marks, which are wider. */
const MARK_RESOLUTION = 1 / 200;

interface LabelSetOccurrences {
  readonly rule: string;
  readonly labels: LabelSet;
  readonly occurrences: AlertOccurrence[];
  firingMs: number;
}

/** Returns what to draw of a report. If there are many label sets, those that fired for the longest time are drawn. */
export function timelineOf(report: BacktestReport): Timeline {
  const [fromMs, toMs] = [Date.parse(report.from), Date.parse(report.to)];
  const sets = labelSetsOf(report);
  const chosen = new Set(sets.toSorted((a, b) => b.firingMs - a.firingMs).slice(0, MAX_ALERT_LANES));
  const alerts: AlertLane[] = [];
  let spans = 0;
  for (const set of sets) {
    if (!chosen.has(set)) continue;
    const lane = alertLane(set, fromMs, toMs);
    spans += lane.spans.length;
    if (spans > MAX_SPANS && alerts.length > 0) break;
    alerts.push(lane);
  }
  const receivers = receiverLanes(report, (toMs - fromMs) * MARK_RESOLUTION);
  return {
    fromMs,
    toMs,
    alerts,
    hiddenAlerts: sets.length - alerts.length,
    receivers: receivers.slice(0, MAX_RECEIVER_LANES),
    hiddenReceivers: Math.max(0, receivers.length - MAX_RECEIVER_LANES),
  };
}

/** Returns the label sets of each rule, in the order of rules and first occurrences. */
function labelSetsOf({ rules }: BacktestReport): readonly LabelSetOccurrences[] {
  const all: LabelSetOccurrences[] = [];
  for (const { name, occurrences = [] } of rules) {
    const sets = new Map<string, LabelSetOccurrences>();
    for (const occurrence of occurrences) {
      const key = JSON.stringify(occurrence.labels);
      let set = sets.get(key);
      if (set === undefined) {
        set = { rule: name, labels: occurrence.labels, occurrences: [], firingMs: 0 };
        sets.set(key, set);
        all.push(set);
      }
      set.occurrences.push(occurrence);
      set.firingMs += (occurrence.firingSeconds ?? 0) * 1000;
    }
  }
  return all;
}

function alertLane({ rule, labels, occurrences, firingMs }: LabelSetOccurrences, fromMs: number, toMs: number) {
  const pending: TimelineSpan[] = [];
  const firing: TimelineSpan[] = [];
  const inRange = (text: string | undefined, otherwise: number): number =>
    Math.min(toMs, Math.max(fromMs, text === undefined ? otherwise : Date.parse(text)));
  let fired = 0;
  for (const { pendingAt, firingAt, endedAt } of occurrences) {
    const endMs = inRange(endedAt, toMs);
    const firingFromMs = inRange(firingAt, endMs);
    const pendingFromMs = inRange(pendingAt, fromMs);
    if (firingAt !== undefined) {
      fired++;
      firing.push({ kind: "firing", fromMs: firingFromMs, toMs: endMs });
    }
    // A rule without "for" has no pending alerts.
    if (firingAt === undefined || firingFromMs > pendingFromMs)
      pending.push({ kind: "pending", fromMs: pendingFromMs, toMs: firingFromMs });
  }
  const gapMs = (toMs - fromMs) * SPAN_RESOLUTION;
  return { rule, labels, spans: [...joined(pending, gapMs), ...joined(firing, gapMs)], fired, firingMs };
}

/** Joins spans of one kind whose distance is small. The spans are sorted by their start. */
function joined(spans: readonly TimelineSpan[], gapMs: number): readonly TimelineSpan[] {
  const result: TimelineSpan[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last === undefined || span.fromMs - last.toMs > gapMs) result.push(span);
    else result[result.length - 1] = { ...last, toMs: Math.max(last.toMs, span.toMs) };
  }
  return result;
}

function receiverLanes({ notifications = [] }: BacktestReport, gapMs: number): readonly ReceiverLane[] {
  const lanes = new Map<string, NotificationMark[]>();
  for (const { at, receiver, firing, resolved } of notifications) {
    const marks = lanes.get(receiver) ?? [];
    lanes.set(receiver, marks);
    const mark = { atMs: Date.parse(at), notifications: 1, firing: firing.length, resolved: resolved.length };
    const last = marks.at(-1);
    if (last === undefined || mark.atMs - last.atMs > gapMs) marks.push(mark);
    else
      marks[marks.length - 1] = {
        atMs: last.atMs,
        notifications: last.notifications + 1,
        firing: last.firing + mark.firing,
        resolved: last.resolved + mark.resolved,
      };
  }
  return [...lanes].map(([receiver, marks]) => ({ receiver, marks }));
}

/** Returns the position of a time in the range of a timeline, percent. */
export const percentAt = ({ fromMs, toMs }: Pick<Timeline, "fromMs" | "toMs">, ms: number): number =>
  ((ms - fromMs) / Math.max(1, toMs - fromMs)) * 100;
