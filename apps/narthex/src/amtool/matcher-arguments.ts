import { MatcherError, parseSingle, printMatcher } from "@narthex/alerting";
import { Labels, Matcher, quote } from "@narthex/model";
import { CommandError } from "../command-line/command.ts";
import type { ApiMatcher } from "./api-shapes.ts";
import type { Session } from "./session.ts";

/**
 * Parses one argument as a matcher. Logs a warning if the classic and the UTF-8 matcher syntax give different results.
 * Throws MatcherError.
 */
function readMatcher(session: Session, argument: string): Matcher {
  const { matchers, warning } = parseSingle(argument, session.mode);
  if (warning !== undefined) session.logger.warn(warning);
  return matchers[0]!;
}

/** Converts the first argument to a matcher for the alert's name if it is not itself a matcher. */
function withAlertName(session: Session, args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === undefined) return args;
  try {
    readMatcher(session, first);
    return args;
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    return [`alertname=${quote(first)}`, ...rest];
  }
}

function matcherArguments(session: Session, args: readonly string[]): readonly Matcher[] {
  try {
    return withAlertName(session, args).map((argument) => readMatcher(session, argument));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

/** Parses arguments as matchers. Throws CommandError if the list is empty or an argument is invalid. */
export function requiredMatchers(session: Session, args: readonly string[]): readonly Matcher[] {
  const matchers = matcherArguments(session, args);
  if (matchers.length === 0) throw new CommandError("no matchers specified");
  return matchers;
}

/**
 * Returns the arguments as `filter` parameters of a query. The arguments are not parsed here, because the server parses
 * them.
 */
export const filterParameters = (session: Session, args: readonly string[]): [string, string][] =>
  withAlertName(session, args).map((matcher) => ["filter", matcher]);

/**
 * Parses arguments as label pairs. A first argument without an operator is the alert's name. `refusal` is the error
 * message for operators other than `=`.
 */
export function labelArguments(session: Session, args: readonly string[], refusal: string): Record<string, string> {
  return pairs(matcherArguments(session, args), refusal);
}

export function annotationArguments(session: Session, values: readonly string[]): Record<string, string> {
  try {
    const matchers = values.map((value) => readMatcher(session, value));
    return pairs(matchers, "annotations must be specified as key=value pairs");
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new CommandError(error.message, { cause: error });
  }
}

/** Parses label pairs `name=value`. Throws if an argument is not a label pair. */
export function routedLabels(session: Session, args: readonly string[]): Labels {
  try {
    const matchers = args.map((argument) => readMatcher(session, argument));
    return Labels.of(pairs(matchers, "Labels must be specified as key=value pairs"));
  } catch (error) {
    if (!(error instanceof MatcherError)) throw error;
    throw new CommandError(`Failed to parse labels: ${error.message}`, { cause: error });
  }
}

function pairs(matchers: readonly Matcher[], refusal: string): Record<string, string> {
  if (matchers.some(({ type }) => type !== "=")) throw new CommandError(refusal);
  return Object.fromEntries(matchers.map(({ name, value }) => [name, value]));
}

export const apiMatcher = ({ name, value, type }: Matcher): ApiMatcher => ({
  name,
  value,
  isRegex: type.endsWith("~"),
  isEqual: type.startsWith("="),
});

/** Formats a matcher of the API as `name=~"value"`. */
export const shownMatcher = ({ name, value, isRegex, isEqual = true }: ApiMatcher): string =>
  printMatcher({ name, value, type: isEqual ? (isRegex ? "=~" : "=") : isRegex ? "!~" : "!=" });
