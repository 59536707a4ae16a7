import { closingParenthesis, formatInterval, splitArguments } from "@narthex/dashboards";
import type { TimeRange } from "../data-source.ts";
import { QueryFailure } from "../query-failure.ts";
import { QueryGrowth } from "../query-growth.ts";
import type { SqlDialect } from "./sql-dialect.ts";
import { parseSqlInterval } from "./sql-interval.ts";

/** Setting for rows that a time series lacks: the values with which they are filled. */
export interface Fill {
  readonly intervalMs: number;
  readonly mode: "null" | "previous" | "value";
  /** The value that is inserted in mode `value`. */
  readonly value: number;
}

/** The properties of a query that its macros use. */
export interface MacroContext {
  readonly range: TimeRange;
  readonly intervalMs: number;
  /** Current time in epoch ms. */
  readonly now: number;
  /** The query's filling. The macro that groups times sets it. */
  fill: Fill | undefined;
}

/** Returns the SQL text of a macro. Throws QueryFailure if the arguments are wrong. */
export type SqlMacro = (args: readonly string[], context: MacroContext, name: string) => string;

/** The SQL text of a query with macros replaced, and the filling that a macro has chosen. */
export interface ExpandedSql {
  readonly sql: string;
  readonly fill: Fill | undefined;
}

interface SqlQuery {
  readonly sql: string;
  readonly range: TimeRange;
  readonly intervalMs: number;
  readonly now: number;
}

/** Maximum distance in ms from 1970 of a time that a Date can represent. */
const MAX_TIME_MS = 8.64e15;
/** Largest length of a query in characters. */
const MAX_SQL = 1024 * 1024;

/**
 * Replaces the macros of a query. Throws QueryFailure if the query is too long, if the range is too far from 1970, or
 * if a macro is unknown or has wrong arguments.
 */
export function expandSql({ sql, range, intervalMs, now }: SqlQuery, dialect: SqlDialect): ExpandedSql {
  if (sql.length > MAX_SQL) throw new QueryFailure(400, `the query has more than ${MAX_SQL} characters`);
  for (const time of [range.from, range.to])
    if (!(Math.abs(time) <= MAX_TIME_MS))
      throw new QueryFailure(400, `the time range of the query is beyond ${MAX_TIME_MS} ms from 1970`);
  const context: MacroContext = { range, intervalMs, now, fill: undefined };
  const seconds = String(Math.max(1, Math.floor(intervalMs / 1000)));
  const text = (dialect.hasSecondsMacro === true ? replaceName(sql, "$__interval_s", seconds) : sql)
    .replaceAll("$__interval_ms", String(Math.floor(intervalMs)))
    .replaceAll("$__interval", formatInterval(intervalMs))
    .replaceAll("$__unixEpochFrom()", String(unixSeconds(range.from)))
    .replaceAll("$__unixEpochTo()", String(unixSeconds(range.to)));
  return { sql: replaceMacros(text, dialect, context), fill: context.fill };
}

/** Replaces a macro without arguments, with or without parentheses after it. Longer names stay unchanged. */
function replaceName(text: string, name: string, value: string): string {
  const [first = "", ...rest] = text.split(name);
  return rest.reduce((done, part) => {
    if (isNameCharacter(part.charCodeAt(0))) return done + name + part;
    return done + value + (part.startsWith("()") ? part.slice(2) : part);
  }, first);
}

/**
 * Replaces each call `$name(arguments)`. Arguments contain no closing parenthesis. Takes time proportional to the
 * length of the text.
 */
function replaceMacros(text: string, dialect: SqlDialect, context: MacroContext): string {
  const pieces: string[] = [];
  const growth = new QueryGrowth();
  let done = 0;
  let close = -1;
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", Math.max(at + 1, done))) {
    let end = at + 1;
    while (end < text.length && isNameCharacter(text.charCodeAt(end))) end++;
    if (end === at + 1) continue;
    const written = text.slice(at + 1, end);
    if (text[end] !== "(") {
      const bare = dialect.bareMacros?.has(written) === true ? dialect.macros.get(written) : undefined;
      if (bare === undefined) continue;
      pieces.push(text.slice(done, at), growth.write(bare([], context, written)));
      done = end;
      continue;
    }
    if (dialect.nestsArguments === true) close = closingParenthesis(text, end);
    else if (close < end) close = text.indexOf(")", end);
    if (close < 0) break;
    const name = dialect.aliasOf?.(written, text[close + 1] ?? "") ?? written;
    const macro = dialect.macros.get(name);
    if (macro === undefined) throw interpolationFailure(`unknown macro "${written.slice(0, 100)}"`);
    const inside = text.slice(end + 1, close);
    const args = dialect.nestsArguments === true ? splitArguments(inside).map(trimSpaces) : argumentsOf(inside);
    pieces.push(text.slice(done, at), growth.write(macro(args, context, written)));
    done = close + 1;
  }
  return pieces.join("") + text.slice(done);
}

const argumentsOf = (inside: string): readonly string[] => inside.split(",").map(trimSpaces);

const isNameCharacter = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;

/** Removes spaces, but not other white space, from both ends. */
function trimSpaces(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && text[from] === " ") from++;
  while (to > from && text[to - 1] === " ") to--;
  return text.slice(from, to);
}

const interpolationFailure = (reason: string): QueryFailure => new QueryFailure(400, `interpolation failed: ${reason}`);

export const unixSeconds = (ms: number): number => Math.floor(ms / 1000);

const unixNanos = (ms: number): string => String(BigInt(Math.floor(ms)) * 1_000_000n);

/** Returns a time in the form of Go's RFC3339Nano, in UTC. */
export const rfc3339 = (ms: number): string => {
  const [seconds, fraction] = new Date(ms).toISOString().slice(0, -1).split(".") as [string, string];
  const digits = fraction.replace(/0{1,3}$/, "");
  return digits === "" ? `${seconds}Z` : `${seconds}.${digits}Z`;
};

/** Returns the first argument. Throws QueryFailure if it is missing. */
export function columnOf(args: readonly string[], name: string): string {
  const column = args[0] ?? "";
  if (column === "") throw interpolationFailure(`missing time column argument for macro ${name}`);
  return column;
}

/**
 * Returns the column and the interval in seconds of a macro that groups times, and takes the filling of the query from
 * the third argument. Throws QueryFailure.
 */
export function groupingOf(
  args: readonly string[],
  context: MacroContext,
  name: string,
): { readonly column: string; readonly seconds: number } {
  const [column, written, filling] = args;
  if (column === undefined || written === undefined)
    throw interpolationFailure(`macro ${name} needs time column and interval and optional fill value`);
  const intervalMs = parseSqlInterval(unquoted(written), context.now);
  if (intervalMs === undefined) throw interpolationFailure(`error parsing interval ${written.slice(0, 100)}`);
  if (args.length === 3) context.fill = fillOf(filling!, intervalMs);
  return { column, seconds: intervalMs / 1000 };
}

const unquoted = (text: string): string => {
  const marks = "'\"";
  let [from, to] = [0, text.length];
  while (from < to && marks.includes(text[from]!)) from++;
  while (to > from && marks.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
};

function fillOf(text: string, intervalMs: number): Fill {
  if (text === "NULL") return { intervalMs, mode: "null", value: 0 };
  if (text === "previous") return { intervalMs, mode: "previous", value: 0 };
  const value = Number(text);
  if (text === "" || Number.isNaN(value))
    throw interpolationFailure(`error parsing fill value ${text.slice(0, 100)}; write NULL, previous or a number`);
  return { intervalMs, mode: "value", value };
}

/** The macros for columns with Unix times, which both dialects write in the same way. */
export const UNIX_MACROS: readonly (readonly [name: string, macro: SqlMacro])[] = [
  [
    "__unixEpochFilter",
    (args, { range }, name) => {
      const column = columnOf(args, name);
      return `${column} >= ${unixSeconds(range.from)} AND ${column} <= ${unixSeconds(range.to)}`;
    },
  ],
  [
    "__unixEpochNanoFilter",
    (args, { range }, name) => {
      const column = columnOf(args, name);
      return `${column} >= ${unixNanos(range.from)} AND ${column} <= ${unixNanos(range.to)}`;
    },
  ],
  ["__unixEpochNanoFrom", (_args, { range }) => unixNanos(range.from)],
  ["__unixEpochNanoTo", (_args, { range }) => unixNanos(range.to)],
];

/** Returns a macro that gives the column the alias `time`, in addition to the macro's own effect. */
export const withAlias =
  (macro: SqlMacro): SqlMacro =>
  (args, context, name) =>
    `${macro(args, context, name)} AS "time"`;
