import {
  type NotificationRequest,
  type ReplayedNotifications,
  replayNotifications,
} from "./notifications/replay-notifications.ts";
import type { ReplayedRule } from "./replayed-rule.ts";
import { type ReplayRequest, replayRules } from "./replay-rules.ts";

/** The Alertmanager of a backtest, and how the server would have sent alerts to it. */
export type BacktestAlertmanager = Pick<
  NotificationRequest,
  "alertmanager" | "alertRelabelConfigs" | "limits" | "logger" | "resendDelayMs" | "silences"
>;

/** Result of a backtest. */
export interface Backtest {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rules: readonly ReplayedRule[];
  /** Undefined if the backtest has no Alertmanager. */
  readonly notifications: ReplayedNotifications | undefined;
}

/** Evaluates rules over stored data, and sends their alerts to a simulated Alertmanager if one is given. */
export async function runBacktest(
  request: ReplayRequest,
  alertmanager: BacktestAlertmanager | undefined,
): Promise<Backtest> {
  const { fromMs, toMs, signal, externalLabels } = request;
  const rules = await replayRules(request);
  const notifications =
    alertmanager === undefined
      ? undefined
      : await replayNotifications({ ...alertmanager, rules, fromMs, toMs, signal, externalLabels });
  return { fromMs, toMs, rules, notifications };
}
