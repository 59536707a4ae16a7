import { isLegacyLabelName, literalPattern, quote } from "@narthex/model";
import type { AdHocFilter } from "../prometheus/target.ts";
import { QueryFailure } from "../query-failure.ts";
import { afterGap, LogqlMistake } from "./logql/logql-tokens.ts";

/** Stages of a pipeline that create labels. Filters on such labels must follow them. */
const PARSERS: ReadonlySet<string> = new Set(["json", "logfmt", "pattern", "regexp", "unpack"]);

/** A stream selector with its pipeline, as positions in the text of an expression. */
interface LogSelection {
  /** Position of the brace that closes the selector. */
  readonly close: number;
  /** Whether the selector contains no matcher. */
  readonly isEmpty: boolean;
  /** End of the pipeline. */
  end: number;
  hasParser: boolean;
}

/**
 * Adds filters to each log selection of an expression: to its stream selector, or to the end of its pipeline if the
 * pipeline parses labels from lines. Values are always quoted. Throws QueryFailure if a filter is invalid.
 */
export function withLogFilters(expr: string, filters: readonly AdHocFilter[]): string {
  if (filters.length === 0) return expr;
  const written = filters.map(matcherText);
  const inserted = selections(expr).map(({ close, isEmpty, end, hasParser }) =>
    hasParser && !isEmpty
      ? { at: end, text: written.map((one) => ` | ${one}`).join("") }
      : { at: close, text: `${isEmpty ? "" : ", "}${written.join(", ")}` },
  );
  let out = "";
  let from = 0;
  for (const { at, text } of inserted) {
    out += expr.slice(from, at) + text;
    from = at;
  }
  return out + expr.slice(from);
}

/** Returns a filter as a label matcher. The text is valid both in a selector and in a pipeline. */
function matcherText({ key, operator, value, values }: AdHocFilter): string {
  if (!isLegacyLabelName(key))
    throw new QueryFailure(400, `filter on "${key}": the name of a label consists of letters, digits and underscores`);
  switch (operator) {
    case "=":
    case "!=":
    case "=~":
    case "!~":
      return `${key}${operator}${quote(value)}`;
    case "=|":
    case "!=|": {
      const listed = values.length > 0 ? values : [value];
      return `${key}${operator === "=|" ? "=~" : "!~"}${quote(listed.map(literalPattern).join("|"))}`;
    }
  }
  throw new QueryFailure(400, `filter on ${key}: operator "${operator}" is not one of =, !=, =~, !~, =| and !=|`);
}

function selections(expr: string): readonly LogSelection[] {
  try {
    return selectionsOf(expr);
  } catch (error) {
    if (error instanceof LogqlMistake) throw new QueryFailure(400, error.message);
    throw error;
  }
}

/** Finds the stream selectors of an expression. Ignores strings and comments. Throws LogqlMistake. */
function selectionsOf(expr: string): readonly LogSelection[] {
  const found: LogSelection[] = [];
  let open = -1;
  let current: LogSelection | undefined;
  for (let at = 0; at < expr.length; at++) {
    at = afterGaps(expr, at);
    const char = expr[at] ?? "";
    if (char === '"' || char === "`" || char === "'") at = endOfString(expr, at);
    else if (char === "{") open = at;
    else if (char === "}" && open >= 0) {
      const isEmpty = expr.slice(open + 1, at).trim() === "";
      current = { close: at, isEmpty, end: at + 1, hasParser: false };
      found.push(current);
      open = -1;
    } else if (current !== undefined) {
      if (char === "[" || char === ")") current = undefined;
      else if (char === "|" && PARSERS.has(stageAt(expr, at + 1))) current.hasParser = true;
    }
    if (current !== undefined && char !== "") current.end = Math.min(expr.length, at + 1);
  }
  return found;
}

/** Returns the position of the quote that closes a string, or the end of the text. */
function endOfString(expr: string, from: number): number {
  const quoted = expr[from]!;
  let at = from + 1;
  while (at < expr.length && expr[at] !== quoted) at += expr[at] === "\\" && quoted !== "`" ? 2 : 1;
  return at;
}

/** Returns the position after white space and comments. */
function afterGaps(expr: string, from: number): number {
  let at = from;
  while (at < expr.length) {
    const after = afterGap(expr, at);
    if (after === at) break;
    at = after;
  }
  return at;
}

/** Returns the first word of a pipeline stage, at most 16 letters. Empty if the stage begins with no word. */
const stageAt = (expr: string, at: number): string => /^\s*([a-z]{0,16})/.exec(expr.slice(at, at + 100))?.[1] ?? "";
