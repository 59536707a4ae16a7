import { firingMs, isFired, type ReplayedRule, summaryOf, timeText } from "@narthex/backtest";
import { formatDuration } from "@narthex/model";
import { table } from "../../amtool/table.ts";

/** The largest number of occurrences that the text report lists for one rule. */
const MAX_LISTED = 100;

/** Returns the occurrences of alerts as text for people. */
export function rulesText(rules: readonly ReplayedRule[], toMs: number): string {
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
