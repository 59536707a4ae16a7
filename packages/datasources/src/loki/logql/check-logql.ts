import { checkMetricExpression } from "./metric-expression.ts";
import { LogqlMistake } from "./logql-tokens.ts";
import { TokenReader, Undecided } from "./token-reader.ts";

/** Longest expression that Loki accepts, in characters. */
const MAX_LENGTH = 131_071;

/**
 * Returns the first mistake of a LogQL expression with its line and column. Returns undefined for a valid expression. Variables of
 * a dashboard may take the place of a name, a string, a number, a duration, a matcher, a stage or an expression. A
 * mistake next to a variable is not reported, because it may depend on the value.
 */
export function logqlProblem(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return `the query has ${text.length} characters; Loki accepts at most ${MAX_LENGTH}`;
  try {
    const reader = new TokenReader(text);
    checkMetricExpression(reader);
    if (!reader.isKind("end")) reader.refuse("the expression ends before it, so remove it or write an operator");
    return undefined;
  } catch (error) {
    if (error instanceof Undecided) return undefined;
    if (!(error instanceof LogqlMistake)) throw error;
    const before = text.slice(0, error.at);
    const line = before.split("\n").length;
    return `line ${line}, column ${error.at - before.lastIndexOf("\n")}: ${error.message}`;
  }
}
