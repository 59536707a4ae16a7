import { QueryFailure } from "../query-failure.ts";
import type { SqlDialect } from "./sql-dialect.ts";

const WORD = /[a-z]{1,32}/iy;
const SPACE = /\s/;

/**
 * Throws QueryFailure if a statement is not one of those that read. Statements such as SET or COMMIT could end the
 * read-only transaction in which each query runs.
 */
export function checkStatement(sql: string, dialect: SqlDialect): void {
  const refusal = dialect.refusal?.(sql);
  if (refusal !== undefined) throw new QueryFailure(400, refusal);
  const word = firstWord(sql, dialect);
  if (word === "" || dialect.statements.has(word.toLowerCase())) return;
  const known = [...dialect.statements].map((one) => one.toUpperCase()).join(", ");
  throw new QueryFailure(
    400,
    `db query error: the statement begins with "${word}", but a data source only sends statements that read: ${known}`,
  );
}

/**
 * Returns the first word of a statement, after comments and opening parentheses. Returns the first character if it is
 * not a letter, and an empty text if the statement only contains comments.
 */
function firstWord(sql: string, dialect: SqlDialect): string {
  let at = 0;
  for (;;) {
    while (at < sql.length && (SPACE.test(sql[at]!) || sql[at] === "(")) at++;
    if (at >= sql.length) return "";
    const mark = dialect.lineComments.find((one) => sql.startsWith(one, at));
    if (mark !== undefined) {
      const end = sql.indexOf("\n", at);
      if (end < 0) return "";
      at = end + 1;
    } else if (isPlainComment(sql, at)) {
      const end = commentEnd(sql, at, dialect.nestsComments);
      if (end < 0) return "";
      at = end;
    } else {
      WORD.lastIndex = at;
      return WORD.exec(sql)?.[0] ?? sql[at]!;
    }
  }
}

/** Reports whether a block comment begins here. MySQL runs the text of comments that begin with `!` or `M!`. */
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
