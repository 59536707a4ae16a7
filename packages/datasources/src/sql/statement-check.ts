import { QueryFailure } from "../query-failure.ts";
import type { SqlDialect } from "./sql-dialect.ts";

/** White space characters in both databases. Other white space, such as U+00A0, can begin a name. */
const SPACES = " \t\n\r\f\v";
/** Maximum number of characters of a name that a message shows. */
const MAX_WORD = 32;

/**
 * Throws QueryFailure for a statement that may do more than read. Statements such as SET or COMMIT could end the
 * read-only transaction in which each query runs.
 */
export function checkStatement(sql: string, dialect: SqlDialect): void {
  const refusal = dialect.refusal?.(sql);
  if (refusal !== undefined) throw new QueryFailure(400, refusal);
  if (sql.includes("\0")) throw new QueryFailure(400, "db query error: the query contains a NUL character; remove it");
  const { word, end } = wordFrom(sql, 0, dialect);
  if (word === undefined) return;
  if (word.toLowerCase() === "explain" && dialect.explained !== undefined) checkExplained(sql, end, dialect);
  if (dialect.statements.has(word.toLowerCase())) return;
  const known = [...dialect.statements].map((one) => one.toUpperCase()).join(", ");
  throw new QueryFailure(
    400,
    `db query error: the statement begins with "${word}", but a data source only sends statements that read: ${known}`,
  );
}

/** Throws QueryFailure if EXPLAIN or EXPLAIN QUERY PLAN precedes a statement that the dialect does not explain. */
function checkExplained(sql: string, start: number, dialect: SqlDialect): void {
  let { word, end } = wordFrom(sql, start, dialect);
  for (const skipped of ["query", "plan"])
    if (word?.toLowerCase() === skipped) ({ word, end } = wordFrom(sql, end, dialect));
  if (word === undefined || dialect.explained!.has(word.toLowerCase())) return;
  const known = [...dialect.explained!].map((one) => one.toUpperCase()).join(", ");
  throw new QueryFailure(
    400,
    `db query error: EXPLAIN precedes "${word}", but a data source of this kind explains only ${known}`,
  );
}

/** A word of a statement, and the index after it. */
interface Word {
  readonly word: string | undefined;
  readonly end: number;
}

/**
 * Returns the first word after an index, comments and opening parentheses. The word is the first character if the text
 * begins with no name, and undefined if it only contains comments.
 */
function wordFrom(sql: string, start: number, dialect: SqlDialect): Word {
  let hasParenthesis = false;
  let at = start;
  while (at < sql.length) {
    const character = sql[at]!;
    const mark = dialect.lineComments.find((one) => sql.startsWith(one, at));
    if (character === "(" || SPACES.includes(character)) {
      hasParenthesis ||= character === "(";
      at++;
    } else if (mark !== undefined) at = lineEnd(sql, at, dialect);
    else if (isPlainComment(sql, at)) {
      at = commentEnd(sql, at, dialect.nestsComments);
      if (at < 0) return { word: "/*", end: sql.length };
    } else {
      const word = nameAt(sql, at) || character;
      return { word, end: at + word.length };
    }
  }
  return { word: hasParenthesis ? "(" : undefined, end: at };
}

/** Returns the name that begins at `start`, or an empty text. */
function nameAt(sql: string, start: number): string {
  let end = start;
  while (end < sql.length && end - start < MAX_WORD && isNameCharacter(sql.charCodeAt(end))) end++;
  return sql.slice(start, end);
}

const isNameCharacter = (code: number): boolean =>
  (code >= 48 && code <= 57) ||
  (code >= 65 && code <= 90) ||
  (code >= 97 && code <= 122) ||
  code >= 128 ||
  code === 95 ||
  code === 36;

/** Returns the index of the line's end, at which a line comment ends. */
function lineEnd(sql: string, start: number, { lineEnds }: SqlDialect): number {
  let nearest = sql.length;
  for (const end of lineEnds) {
    const at = sql.indexOf(end, start);
    if (at >= 0 && at < nearest) nearest = at;
  }
  return nearest;
}

/** Reports whether a block comment begins at `at`. MySQL runs the text of comments that begin with `!` or `M!`. */
const isPlainComment = (sql: string, at: number): boolean =>
  sql.startsWith("/*", at) && !sql.startsWith("/*!", at) && !sql.startsWith("/*M!", at);

/** Returns the index after a block comment, or -1 if the comment does not end. */
function commentEnd(sql: string, start: number, nests: boolean): number {
  if (!nests) {
    const end = sql.indexOf("*/", start + 2);
    return end < 0 ? -1 : end + 2;
  }
  let depth = 1;
  for (let at = start + 2; at < sql.length - 1; at++) {
    if (sql.startsWith("/*", at)) depth++;
    else if (sql.startsWith("*/", at)) depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return -1;
}
