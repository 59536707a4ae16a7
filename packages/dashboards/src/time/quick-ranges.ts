import type { RawTimeRange } from "./time-range.ts";

export interface QuickRange extends RawTimeRange {
  readonly display: string;
}

const last = (amount: string, words: string): QuickRange => ({
  from: `now-${amount}`,
  to: "now",
  display: `Last ${words}`,
});
const span = (from: string, to: string, display: string): QuickRange => ({ from, to, display });

/** Named ranges for a picker. */
export const quickRanges: readonly QuickRange[] = [
  last("5m", "5 minutes"),
  last("15m", "15 minutes"),
  last("30m", "30 minutes"),
  last("1h", "1 hour"),
  last("3h", "3 hours"),
  last("6h", "6 hours"),
  last("12h", "12 hours"),
  last("24h", "24 hours"),
  last("2d", "2 days"),
  last("7d", "7 days"),
  last("30d", "30 days"),
  last("90d", "90 days"),
  last("6M", "6 months"),
  last("1y", "1 year"),
  last("2y", "2 years"),
  last("5y", "5 years"),
  span("now-1d/d", "now-1d/d", "Yesterday"),
  span("now-2d/d", "now-2d/d", "Day before yesterday"),
  span("now-7d/d", "now-7d/d", "This day last week"),
  span("now-1w/w", "now-1w/w", "Previous week"),
  span("now-1M/M", "now-1M/M", "Previous month"),
  span("now-1Q/fQ", "now-1Q/fQ", "Previous fiscal quarter"),
  span("now-1y/y", "now-1y/y", "Previous year"),
  span("now-1y/fy", "now-1y/fy", "Previous fiscal year"),
  span("now/d", "now/d", "Today"),
  span("now/d", "now", "Today so far"),
  span("now/w", "now/w", "This week"),
  span("now/w", "now", "This week so far"),
  span("now/M", "now/M", "This month"),
  span("now/M", "now", "This month so far"),
  span("now/y", "now/y", "This year"),
  span("now/y", "now", "This year so far"),
  span("now/fQ", "now", "This fiscal quarter so far"),
  span("now/fQ", "now/fQ", "This fiscal quarter"),
  span("now/fy", "now", "This fiscal year so far"),
  span("now/fy", "now/fy", "This fiscal year"),
];

const UNITS: Readonly<Record<string, string>> = {
  s: "second",
  m: "minute",
  h: "hour",
  d: "day",
  w: "week",
  M: "month",
  Q: "quarter",
  y: "year",
  fQ: "fiscal quarter",
  fy: "fiscal year",
};

/** Returns the description of a relative range: `Last 6 hours`. Undefined if the range has no simple description. */
export function describeRange({ from, to }: RawTimeRange): string | undefined {
  const named = quickRanges.find((range) => range.from === from && range.to === to);
  if (named !== undefined) return named.display;
  const match = /^now-(\d{1,6})(f[Qy]|[smhdwMQy])$/.exec(from);
  if (match === null || to !== "now") return undefined;
  const count = Number(match[1]);
  return `Last ${count} ${UNITS[match[2]!]}${count > 1 ? "s" : ""}`;
}
