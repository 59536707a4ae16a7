import { DurationError } from "@narthex/model";
import { layoutProblem, parseLayout } from "@narthex/template";
import { CommandError } from "../command-line/command.ts";

const LAYOUT = "2006-01-02T15:04:05Z07:00";

/**
 * Checks a time argument in RFC 3339 and returns it unchanged. Returns undefined for an empty text. Throws CommandError
 * for any other text.
 */
export function timeArgument(text: string): string | undefined {
  if (text === "") return undefined;
  if (parseLayout(LAYOUT, text) === undefined) {
    throw new CommandError(layoutProblem(LAYOUT, text));
  }
  return text;
}

/** Converts a time of the API to Unix ms. Returns 0 for an invalid time. */
export function millisecondsOf(text: string): number {
  const parsed = parseLayout(LAYOUT, text);
  return parsed === undefined ? 0 : Number(parsed.unixNanos / 1_000_000n);
}

export const apiTime = (ms: number): string => new Date(ms).toISOString();

/**
 * Parses a duration and checks that it is positive. Throws CommandError. `parse` must throw DurationError for an
 * invalid duration.
 */
export function positiveDuration(text: string, parse: (text: string) => number): number {
  try {
    const ms = parse(text);
    if (ms > 0) return ms;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
  throw new CommandError("silence duration must be greater than 0");
}
