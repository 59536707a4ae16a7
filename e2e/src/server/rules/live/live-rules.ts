import { formatDuration, parseDuration } from "@narthex/model";
import { parse, stringify } from "yaml";

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
}

interface Group {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A series that has samples from the beginning of a run. Before, no rule has a result. */
export const GATE = "run_has_begun";

/** A rule file for both servers, and its groups. */
export interface LiveRules {
  readonly text: string;
  readonly groups: readonly Group[];
}

/**
 * Changes a rule file, so that its rules can be observed within a minute: they have no result before the beginning of
 * the run, and all times of `for` and `keep_firing_for` are divided.
 *
 * @param prefix makes the names of groups unique
 */
export function liveRules(text: string, prefix: string, divisor: number): LiveRules {
  const divided = (duration: string): string => formatDuration(Math.round(parseDuration(duration) / divisor));
  const groups = (parse(text) as { readonly groups: readonly Group[] }).groups.map(({ name, rules }) => ({
    name: `${prefix}-${name}`,
    rules: rules.map((rule) => ({
      ...rule,
      expr: `(\n${rule.expr}\n) and on () ${GATE}`,
      ...(rule.for !== undefined && { for: divided(rule.for) }),
      ...(rule.keep_firing_for !== undefined && { keep_firing_for: divided(rule.keep_firing_for) }),
    })),
  }));
  return { text: stringify({ groups }), groups };
}
