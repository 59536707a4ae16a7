import { compileCapturing, compileLinePattern, Matcher, type MatchType, PatternError } from "@narthex/model";

/** One label matcher as text, before its regular expression is compiled. */
export interface MatcherText {
  readonly name: string;
  readonly type: MatchType;
  readonly value: string;
}

/** A text cannot be parsed as label matchers. The message is the same as Alertmanager's. */
export class MatcherError extends Error {
  override readonly name = "MatcherError";
}

/** Compiles a matcher. Throws MatcherError. */
export function createMatcher({ name, type, value }: MatcherText): Matcher {
  try {
    return alertMatcher(type, name, value);
  } catch (cause) {
    if (!(cause instanceof PatternError)) throw cause;
    throw new MatcherError(anchoredMessage(cause, value), { cause });
  }
}

/** Returns a matcher whose regular expression follows Alertmanager's rules. Throws PatternError. */
export const alertMatcher = (type: MatchType, name: string, value: string): Matcher =>
  new Matcher(type, name, value, compileLinePattern);

/**
 * Returns the message of an error in a regular expression. The message shows the expression with the anchors that
 * Alertmanager adds.
 */
export function anchoredMessage(error: PatternError, source: string): string {
  try {
    compileCapturing(`^(?:${source})$`, false);
    return error.message;
  } catch (anchored) {
    if (anchored instanceof PatternError) return anchored.message;
    throw anchored;
  }
}
