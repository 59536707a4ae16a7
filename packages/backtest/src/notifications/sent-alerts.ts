import type { Labels } from "@narthex/model";
import { BinaryHeap } from "@narthex/runtime";
import type { ReplayedRule } from "../replayed-rule.ts";
import type { FailedEvaluations, SendingPeriod } from "../sending-periods.ts";

/** An alert that a server sends. Times are in Unix ms. */
export interface SentAlert {
  readonly labels: Labels;
  readonly startsAtMs: number;
  readonly endsAtMs: number;
  /** The period that begins with this alert; undefined if the alert is sent again. */
  readonly begins: SendingPeriod | undefined;
}

/** Alerts that the rules of one group send after an evaluation. */
export interface SentBatch {
  readonly atMs: number;
  readonly alerts: readonly SentAlert[];
}

export interface SendingOptions {
  /**
   * Reports whether Alertmanager gets the alert from several rules, or from several alerts of a rule. Such an alert is
   * yielded each time, because one rule may end the alert while another rule sends it as firing.
   */
  readonly isShared: (labels: Labels) => boolean;
  /** Time after which a server sends an alert again. */
  readonly resendDelayMs: number;
  /** Time of the last evaluation, Unix ms. */
  readonly toMs: number;
}

/** How long a sent alert is valid, in multiples of the group's interval or of the resend delay. */
const VALID_FACTOR = 4;

/** The next time at which a period sends its alert, with the rest of its times. */
interface Turn {
  readonly atMs: number;
  readonly endsAtMs: number;
  readonly rule: number;
  readonly period: SendingPeriod;
  readonly rest: Iterator<Times>;
}

/** Time at which an alert is sent, and the end that it has. */
type Times = readonly [atMs: number, endsAtMs: number];

/**
 * Yields the alerts that a server would have sent to Alertmanager, in the order of time. While an alert fires, a server
 * sends it again with a later end; only the first of these alerts is yielded, with the last end. Alertmanager notifies
 * the same, because it compares the end with the current time. After a gap in which Alertmanager sees the alert end,
 * the alert is yielded again.
 */
export function* sentAlerts(rules: readonly ReplayedRule[], options: SendingOptions): Generator<SentBatch> {
  const turns = new BinaryHeap<Turn>(inOrder);
  const periods = rules.map(({ sending }) => sending.all.toSorted((a, b) => a.fromMs - b.fromMs || byPlace(a, b)));
  const next = rules.map(() => 0);
  /** Adds the next period of a rule. */
  const open = (rule: number): void => {
    const { sending, group } = rules[rule]!;
    const period = periods[rule]![next[rule]!++];
    if (period !== undefined) push(timesOf(period, group.intervalMs, sending.failed, options), rule, period);
  };
  const push = (rest: Iterator<Times>, rule: number, period: SendingPeriod): void => {
    const { done, value } = rest.next();
    if (done !== true) turns.push({ atMs: value[0], endsAtMs: value[1], rule, period, rest });
  };
  for (const rule of rules.keys()) open(rule);
  for (let turn = turns.peek(); turn !== undefined; turn = turns.peek()) {
    const { atMs } = turn;
    const { group } = rules[turn.rule]!;
    const alerts: SentAlert[] = [];
    for (; turn?.atMs === atMs && rules[turn.rule]!.group === group; turn = turns.peek()) {
      turns.pop();
      const { rule, period, endsAtMs, rest } = turn;
      const begins = atMs === period.fromMs ? period : undefined;
      alerts.push({ labels: period.labels, startsAtMs: period.firedAtMs, endsAtMs, begins });
      push(rest, rule, period);
      if (begins !== undefined) open(rule);
    }
    yield { atMs, alerts };
  }
}

const inOrder = (a: Turn, b: Turn): number => a.atMs - b.atMs || a.rule - b.rule || byPlace(a.period, b.period);

const byPlace = ({ place: a }: SendingPeriod, { place: b }: SendingPeriod): number =>
  a.sinceMs - b.sinceMs || a.index - b.index;

/** Yields the times at which the alert of a period is sent so that Alertmanager sees a change. */
function* timesOf(
  period: SendingPeriod,
  intervalMs: number,
  failed: readonly FailedEvaluations[],
  { resendDelayMs, toMs, isShared }: SendingOptions,
): Generator<Times> {
  const { fromMs, resolvedAtMs } = period;
  const end = Math.min(period.untilMs, toMs + 1);
  const validMs = VALID_FACTOR * Math.max(intervalMs, resendDelayMs);
  const stepMs = (Math.floor(resendDelayMs / intervalMs) + 1) * intervalMs;
  const sendsAll = isShared(period.labels);
  let [firstMs, sentMs] = [fromMs, fromMs];
  for (;;) {
    const nextMs = afterFailures(sentMs + stepMs, intervalMs, failed);
    if (resolvedAtMs !== undefined) yield [sentMs, resolvedAtMs];
    else if (sendsAll || nextMs >= end || nextMs >= sentMs + validMs) {
      yield [firstMs, sentMs + validMs];
      firstMs = nextMs;
    }
    if (nextMs >= end) return;
    sentMs = nextMs;
  }
}

/** Returns the first evaluation from a time on that does not fail. */
function afterFailures(ms: number, intervalMs: number, failed: readonly FailedEvaluations[]): number {
  if (failed.length === 0) return ms;
  let [low, high] = [0, failed.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (failed[middle]!.toMs < ms) low = middle + 1;
    else high = middle;
  }
  const found = failed[low];
  return found === undefined || found.fromMs > ms ? ms : found.toMs + intervalMs;
}
