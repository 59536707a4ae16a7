import type { Backtest } from "../backtest.ts";
import { compareFirings, type FiringDifferences } from "./compare-firings.ts";
import { compareNotifications, type NotificationDifferences } from "./compare-notifications.ts";

/** Differences between the backtests of two versions of rules. */
export interface BacktestDifferences {
  readonly firings: FiringDifferences;
  /** Undefined if the backtests have no Alertmanager. */
  readonly notifications: NotificationDifferences | undefined;
}

export function compareBacktests(old: Backtest, changed: Backtest): BacktestDifferences {
  const [before, after] = [old.notifications, changed.notifications];
  return {
    firings: compareFirings(old.rules, changed.rules, changed.toMs),
    notifications:
      before === undefined || after === undefined ? undefined : compareNotifications(before.sent, after.sent),
  };
}

/** Returns the number of differences. */
export const countDifferences = ({ firings, notifications }: BacktestDifferences): number =>
  firings.added.length +
  firings.lost.length +
  (notifications === undefined ? 0 : notifications.added.length + notifications.lost.length);
