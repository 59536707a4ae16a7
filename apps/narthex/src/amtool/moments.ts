import { DurationError } from "@narthex/model";
import { layoutProblem, parseLayout } from "@narthex/template";
import { CommandError } from "../command-line/command.ts";

const LAYOUT = "2006-01-02T15:04:05Z07:00";

/** Returns an RFC 3339 time argument unchanged; undefined for "". Throws CommandError if it is not such a time. */
export function timeArgument(text: string): string | undefined {
  if (text === "") return undefined;
  if (parseLayout(LAYOUT, text) === undefined) {
    throw new CommandError(layoutProblem(LAYOUT, text));
  }
  return text;
}

/** Converts a time of the API to Unix ms; 0 if it is not a valid time. */
export function millisecondsOf(text: string): number {
  const parsed = parseLayout(LAYOUT, text);
  return parsed === undefined ? 0 : Number(parsed.unixNanos / 1_000_000n);
}

export const apiTime = (ms: number): string => new Date(ms).toISOString();

/** Parses a duration that must be positive; `parse` throws DurationError. */
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
