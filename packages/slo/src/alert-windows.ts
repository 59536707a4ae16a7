/** A pair of windows, and the share of the error budget that is spent in the long window when the alert fires. */
export interface AlertWindow {
  readonly errorBudgetPercent: number;
  readonly shortMs: number;
  readonly longMs: number;
}

/** The windows of the page and ticket alerts of an objective. */
export interface AlertWindows {
  readonly periodMs: number;
  readonly pageQuick: AlertWindow;
  readonly pageSlow: AlertWindow;
  readonly ticketQuick: AlertWindow;
  readonly ticketSlow: AlertWindow;
}

/** Two windows whose burn rates must both exceed a factor for an alert. */
export interface BurnRateWindow {
  readonly severity: string;
  readonly shortMs: number;
  readonly longMs: number;
  readonly factor: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The period of an objective that names none. */
export const DEFAULT_PERIOD_MS = 30 * DAY;

const windowsOf = (periodMs: number, percents: readonly [number, number, number, number]): AlertWindows => ({
  periodMs,
  pageQuick: { errorBudgetPercent: percents[0], shortMs: 5 * MINUTE, longMs: HOUR },
  pageSlow: { errorBudgetPercent: percents[1], shortMs: 30 * MINUTE, longMs: 6 * HOUR },
  ticketQuick: { errorBudgetPercent: percents[2], shortMs: 2 * HOUR, longMs: DAY },
  ticketSlow: { errorBudgetPercent: percents[3], shortMs: 6 * HOUR, longMs: 3 * DAY },
});

/** Shares of the budget from the SRE workbook, in percent. */
const WORKBOOK = [2, 5, 10, 10] as const;

/** Sloth's windows by period: 28 and 30 days. */
export const STANDARD_WINDOWS: ReadonlyMap<number, AlertWindows> = new Map(
  [28 * DAY, 30 * DAY].map((periodMs) => [periodMs, windowsOf(periodMs, WORKBOOK)]),
);

/** Shortest period for which `windowsForPeriod` returns windows. Its longest window is 3 days. */
export const MIN_PERIOD_MS = 7 * DAY;

/**
 * Returns windows for any period of at least a week: the windows of the SRE workbook, with the burn rates that they have
 * for 30 days (14.4, 6, 3 and 1).
 */
export function windowsForPeriod(periodMs: number): AlertWindows {
  const standard = STANDARD_WINDOWS.get(periodMs);
  if (standard !== undefined) return standard;
  const [a, b, c, d] = WORKBOOK.map((percent) => (percent * DEFAULT_PERIOD_MS) / periodMs) as [
    number,
    number,
    number,
    number,
  ];
  return windowsOf(periodMs, [a, b, c, d]);
}

/** Returns the factor by which the budget is spent too fast when an alert of the window fires. */
export function burnRateFactor(periodMs: number, { errorBudgetPercent, longMs }: AlertWindow): number {
  const hours = (errorBudgetPercent * (periodMs / HOUR)) / 100;
  return hours / (longMs / HOUR);
}

/** Returns the distinct windows of the alerts, from the shortest to the longest, ms. */
export function distinctWindows({ pageQuick, pageSlow, ticketQuick, ticketSlow }: AlertWindows): readonly number[] {
  const all = [pageQuick, pageSlow, ticketQuick, ticketSlow].flatMap(({ shortMs, longMs }) => [shortMs, longMs]);
  return [...new Set(all)].sort((a, b) => a - b);
}

/** Returns the pairs of windows with their severities and burn rates. */
export const burnRateWindows = (windows: AlertWindows): readonly BurnRateWindow[] =>
  (
    [
      ["page", windows.pageQuick],
      ["page", windows.pageSlow],
      ["ticket", windows.ticketQuick],
      ["ticket", windows.ticketSlow],
    ] as const
  ).map(([severity, { shortMs, longMs, ...rest }]) => ({
    severity,
    shortMs,
    longMs,
    factor: burnRateFactor(windows.periodMs, { shortMs, longMs, ...rest }),
  }));
