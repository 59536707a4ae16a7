import { LazyList, listForJson } from "@narthex/runtime";
import type { AlertSpan } from "../alert-spans.ts";
import type { Backtest } from "../backtest.ts";
import type { ReplayedNotification, UnnotifiedAlert } from "../notifications/notification-recorder.ts";
import type { ReplayedNotifications } from "../notifications/replay-notifications.ts";
import type { ReplayedRule } from "../replayed-rule.ts";
import type { BacktestDifferences } from "./compare-backtests.ts";
import type { FiringDifferences } from "./compare-firings.ts";
import { firingMs, summaryOf } from "./rule-summary.ts";
import { timeText } from "./time-text.ts";

/** Returns the report of a backtest as an object for JSON, with the differences from an earlier version if given. */
export const backtestReport = (
  { rules, fromMs, toMs, notifications }: Backtest,
  differences: BacktestDifferences | undefined,
) => ({
  from: timeText(fromMs),
  to: timeText(toMs),
  rules: new LazyList(rules, (rule) => ruleReport(rule, toMs)),
  ...(notifications !== undefined && notificationsReport(notifications)),
  ...(differences !== undefined && { differences: differencesReport(differences) }),
});

function ruleReport(rule: ReplayedRule, toMs: number) {
  const { group, spec, evaluations, failures, spans } = rule;
  const common = { file: group.file, group: group.spec.name, kind: spec.kind, name: spec.name, evaluations };
  const failed =
    failures === undefined
      ? {}
      : { failures: { ...failures, firstAtMs: undefined, firstAt: timeText(failures.firstAtMs) } };
  if (spec.kind === "recording") return { ...common, ...failed };
  return {
    ...common,
    ...failed,
    summary: summaryOf(rule, toMs),
    hiddenOccurrences: spans.hidden,
    occurrences: new LazyList(spans.all, (span) => occurrenceReport(span, toMs)),
  };
}

const occurrenceReport = (span: AlertSpan, toMs: number) => ({
  labels: span.labels.toRecord(),
  annotations: Object.fromEntries(span.annotations),
  value: String(span.value),
  pendingAt: timeText(span.activeAtMs),
  ...(span.firedAtMs !== undefined && {
    firingAt: timeText(span.firedAtMs),
    firingSeconds: firingMs(span, toMs) / 1000,
  }),
  ...(span.endedAtMs !== undefined && { endedAt: timeText(span.endedAtMs) }),
});

const notificationsReport = ({ sent, hidden, unnotified, hiddenAlerts }: ReplayedNotifications) => ({
  notifications: new LazyList(sent, notificationReport),
  hiddenNotifications: hidden,
  notNotified: new LazyList(unnotified, unnotifiedReport),
  hiddenNotNotified: hiddenAlerts,
});

const notificationReport = (notification: ReplayedNotification) => ({
  at: timeText(notification.atMs),
  receiver: notification.receiver,
  integration: notification.integration,
  groupLabels: notification.groupLabels.toRecord(),
  reason: notification.reason,
  firing: listForJson(notification.firing, (labels) => labels.toRecord()),
  resolved: listForJson(notification.resolved, (labels) => labels.toRecord()),
});

const unnotifiedReport = ({ labels, firedAtMs, endedAtMs, receiver, reasons }: UnnotifiedAlert) => ({
  labels: labels.toRecord(),
  firingAt: timeText(firedAtMs),
  ...(endedAtMs !== undefined && { endedAt: timeText(endedAtMs) }),
  ...(receiver !== undefined && { receiver }),
  reasons,
});

const differencesReport = ({ firings, notifications }: BacktestDifferences) => ({
  added: firingsReport(firings.added),
  lost: firingsReport(firings.lost),
  ...(notifications !== undefined && {
    notifications: {
      added: new LazyList(notifications.added, notificationReport),
      lost: new LazyList(notifications.lost, notificationReport),
    },
  }),
});

const firingsReport = (firings: FiringDifferences["added"]) =>
  new LazyList(firings, ({ labels, firedAtMs, endedAtMs }) => ({
    labels,
    firingAt: timeText(firedAtMs),
    endedAt: timeText(endedAtMs),
  }));
