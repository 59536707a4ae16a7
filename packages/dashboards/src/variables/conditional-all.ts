import { closingParenthesis, splitArguments } from "./call-arguments.ts";
import type { Lookup } from "./variable-syntax.ts";
import { variablesIn } from "./variable-syntax.ts";

const MACRO = "$__conditionalAll(";
/** Largest number of macros in a query that are replaced. */
const MAX_MACROS = 100;
/** Longest query in characters whose macros are replaced, because each macro reads the rest of the query. */
const MAX_CHARS = 1024 * 1024;
const ALL_VALUE = "$__all";

/**
 * Replaces `$__conditionalAll(condition, $variable)` by the condition, or by `1=1` if the variable is empty or All is
 * chosen. Must be called before variables are replaced. Macros with other arguments stay
 * unchanged, and so does a query that the role would refuse as too long.
 */
export function withConditions(sql: string, lookup: Lookup): string {
  if (sql.length > MAX_CHARS) return sql;
  let text = sql;
  let before = text.length;
  // Begins with the last macro, so that the condition of an outer macro contains no macro any more.
  for (let count = 0; count < MAX_MACROS; count++) {
    const at = text.lastIndexOf(MACRO, before);
    if (at < 0 || before < 0) return text;
    before = at - 1;
    const close = closingParenthesis(text, at + MACRO.length - 1);
    const args = close < 0 ? [] : splitArguments(text.slice(at + MACRO.length, close));
    if (args.length !== 2) continue;
    const [condition, written] = args as [string, string];
    text = text.slice(0, at) + (choosesAll(written, lookup) ? "1=1" : condition) + text.slice(close + 1);
  }
  return text;
}

function choosesAll(written: string, lookup: Lookup): boolean {
  const [use] = variablesIn(written);
  const bound = use && lookup(use.name, undefined);
  if (bound === undefined) return false;
  const { values, addressValues } = bound;
  return addressValues?.includes(ALL_VALUE) === true || values.every((value) => value === "");
}
