import type { AlertSpan } from "../alert-spans.ts";
import type { ReplayedRule } from "../replayed-rule.ts";

/** Numbers of an alerting rule over the whole range. */
export interface RuleSummary {
  readonly fired: number;
  readonly labelSets: number;
  readonly firingMs: number;
  readonly longestMs: number;
  /** Number of occurrences that fired for less than five minutes. */
  readonly short: number;
  /** Number of occurrences that did not last for the rule's `for`. */
  readonly pendingOnly: number;
}

export type FiredSpan = AlertSpan & { firedAtMs: number };

export const isFired = (span: AlertSpan): span is FiredSpan => span.firedAtMs !== undefined;

/** Returns how long an occurrence fired. An occurrence that still fires ends at the end of the backtest. */
export const firingMs = ({ firedAtMs, endedAtMs }: AlertSpan, toMs: number): number =>
  firedAtMs === undefined ? 0 : (endedAtMs ?? toMs) - firedAtMs;

const SHORT_MS = 5 * 60_000;

export function summaryOf({ spans }: ReplayedRule, toMs: number): RuleSummary {
  const fired = spans.all.filter(isFired);
  const durations = fired.map((span) => firingMs(span, toMs));
  return {
    fired: fired.length,
    labelSets: new Set(fired.map(({ labels }) => labels.key)).size,
    firingMs: durations.reduce((sum, ms) => sum + ms, 0),
    longestMs: durations.reduce((longest, ms) => Math.max(longest, ms), 0),
    short: fired.filter((span) => span.endedAtMs !== undefined && firingMs(span, toMs) < SHORT_MS).length,
    pendingOnly: spans.all.length - fired.length,
  };
}
