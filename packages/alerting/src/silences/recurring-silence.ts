import { decodeYaml } from "@narthex/config";
import { Matcher } from "@narthex/model";
import type { Occurrence } from "./occurrences.ts";
import { isTextMap, isTime } from "../untrusted-json.ts";
import { derivedId, type Silence, SilenceError } from "./silence.ts";
import type { TimeInterval } from "../routing/time-interval.ts";
import { timeIntervalSection } from "../routing/time-interval-section.ts";

/** A rule that creates a silence for each occurrence of a time interval. Times are Unix ms. */
export interface RecurringSilence {
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly interval: TimeInterval;
  /** The interval as the user wrote it, in the form of the list `time_intervals` of the configuration. */
  readonly written: readonly unknown[];
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /**
   * Start of the latest occurrence for which a silence was created. If a user removes this silence, it is not created
   * again.
   */
  readonly madeUntil: number;
}

/** Name of the annotation that contains the id of the rule which created a silence. */
export const RULE_ANNOTATION = "narthex/recurring-silence";

/**
 * Reads a list in the form of `time_intervals` of the configuration. An item may also be a string that contains YAML.
 * Throws SilenceError.
 */
export function readInterval(written: readonly unknown[]): TimeInterval {
  const items = written.map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
  const texts = items.map((item) => `  - ${item.trim().replaceAll("\n", "\n    ")}\n`);
  const decoded = decodeYaml(`name: x\ntime_intervals:\n${texts.join("")}`, "time_intervals", timeIntervalSection);
  if (!decoded.ok) {
    // Omits the positions in the text from the error message, because the user has not written this text.
    const problems = decoded.problems
      .map((problem) => `${problem.message}${problem.hint === "" ? "" : `; ${problem.hint}`}`)
      .join("\n");
    throw new SilenceError(`invalid recurring silence: ${problems}`);
  }
  return decoded.value;
}

/** Returns the silence for one occurrence of a rule. Every instance creates the same silence. */
export const silenceOf = (rule: RecurringSilence, { startsAt, endsAt }: Occurrence): Silence => ({
  id: silenceId(rule, startsAt),
  matchers: rule.matchers,
  startsAt: Math.max(startsAt, rule.createdAt),
  endsAt,
  // Uses the creation time of the rule as the change time, so that any later change by a user replaces the silence.
  updatedAt: rule.createdAt,
  createdBy: rule.createdBy,
  comment: rule.comment,
  annotations: { ...rule.annotations, [RULE_ANNOTATION]: rule.id },
});

export const silenceId = ({ id }: Pick<RecurringSilence, "id">, startsAt: number): string =>
  derivedId(id, String(startsAt));

/** Returns a rule as JSON for the store. */
export function serializeRule(rule: RecurringSilence): string {
  const matchers = rule.matchers.map(({ type, name, value }) => ({ type, name, value }));
  return JSON.stringify({ ...rule, matchers, interval: undefined });
}

/** Parses a stored rule. Throws an Error with the reason if the text is invalid. */
export function readRule(key: string, text: string): RecurringSilence {
  const kept = JSON.parse(text) as Omit<RecurringSilence, "interval"> | null;
  if (kept?.id !== key) throw new Error("invalid recurring silence: its id differs from its key");
  for (const name of ["createdAt", "madeUntil"] as const) {
    if (!isTime(kept[name])) throw new Error(`invalid recurring silence: ${name} is not a time`);
  }
  if (!isTextMap(kept.annotations))
    throw new Error("invalid recurring silence: its annotations are not an object of strings");
  const matchers = kept.matchers.map(({ type, name, value }) => new Matcher(type, name, value));
  return { ...kept, matchers, interval: readInterval(kept.written) };
}
