import type { AlertSpan, ReplayedRule } from "@narthex/backtest";
import { formatDuration } from "@narthex/model";
import { table } from "../../amtool/table.ts";

/** The largest number of occurrences that the text report lists for one rule. */
const MAX_LISTED = 100;

/** Writes a time in RFC 3339, without fractions of a second. */
export const timeText = (ms: number): string => `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;

const isFired = (span: AlertSpan): span is AlertSpan & { firedAtMs: number } => span.firedAtMs !== undefined;

/** Returns how long an occurrence fired. An occurrence that still fires ends at the end of the backtest. */
const firingMs = ({ firedAtMs, endedAtMs }: AlertSpan, toMs: number): number =>
  firedAtMs === undefined ? 0 : (endedAtMs ?? toMs) - firedAtMs;

/** Numbers of an alerting rule over the whole range. */
interface RuleSummary {
  readonly fired: number;
  readonly labelSets: number;
  readonly firingMs: number;
  readonly longestMs: number;
  /** Number of occurrences that fired for less than five minutes. */
  readonly short: number;
  /** Number of occurrences that did not last for the rule's `for`. */
  readonly pendingOnly: number;
}

const SHORT_MS = 5 * 60_000;

function summaryOf({ spans }: ReplayedRule, toMs: number): RuleSummary {
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

/** Returns the report of a backtest as text for people. */
export function textReport(rules: readonly ReplayedRule[], toMs: number): string {
  const parts = rules.flatMap((rule) => [...headOf(rule, toMs), ...listOf(rule, toMs)]);
  return parts.join("");
}

const duration = (ms: number): string => formatDuration(Math.max(0, Math.round(ms / 1000) * 1000));

function headOf(rule: ReplayedRule, toMs: number): readonly string[] {
  const { group, spec, evaluations, failures } = rule;
  const lines = [
    `${group.file}, group ${group.spec.name}, ${spec.kind} rule ${spec.name}: ${evaluations} evaluations\n`,
  ];
  if (failures !== undefined)
    lines.push(
      `  ${failures.count} evaluations failed, the first at ${timeText(failures.firstAtMs)}: ${failures.message}\n`,
    );
  if (spec.kind === "recording") return lines;
  const { fired, labelSets, longestMs, short, pendingOnly, ...sums } = summaryOf(rule, toMs);
  if (fired === 0) lines.push("  did not fire\n");
  else
    lines.push(
      `  fired ${times(fired)} with ${labelSets === 1 ? "one label set" : `${labelSets} label sets`}, ${duration(sums.firingMs)} in total, ${duration(longestMs)} at most\n`,
    );
  if (short > 0) lines.push(`  ${times(short)} for less than 5m\n`);
  if (pendingOnly > 0) lines.push(`  pending without firing: ${times(pendingOnly)}\n`);
  return lines;
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function listOf({ spans }: ReplayedRule, toMs: number): readonly string[] {
  const fired = spans.all.filter(isFired).sort((a, b) => a.firedAtMs - b.firedAtMs);
  if (fired.length === 0) return [];
  const rows = fired
    .slice(0, MAX_LISTED)
    .map((span) => [
      timeText(span.activeAtMs),
      timeText(span.firedAtMs),
      span.endedAtMs === undefined ? "still firing" : timeText(span.endedAtMs),
      duration(firingMs(span, toMs)),
      span.labels.toString(),
    ]);
  const left = fired.length + spans.hidden - rows.length;
  return [
    table([["Pending", "Firing", "Resolved", "Duration", "Labels"], ...rows]).replaceAll(/^(?=.)/gm, "  "),
    ...(left > 0 ? [`  and ${left} more\n`] : []),
  ];
}

/** Returns the report of a backtest as an object for JSON. */
export const jsonReport = (rules: readonly ReplayedRule[], fromMs: number, toMs: number) => ({
  from: timeText(fromMs),
  to: timeText(toMs),
  rules: rules.map((rule) => {
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
      occurrences: spans.all.map((span) => ({
        labels: span.labels.toRecord(),
        annotations: Object.fromEntries(span.annotations),
        value: String(span.value),
        pendingAt: timeText(span.activeAtMs),
        ...(span.firedAtMs !== undefined && {
          firingAt: timeText(span.firedAtMs),
          firingSeconds: firingMs(span, toMs) / 1000,
        }),
        ...(span.endedAtMs !== undefined && { endedAt: timeText(span.endedAtMs) }),
      })),
    };
  }),
});
