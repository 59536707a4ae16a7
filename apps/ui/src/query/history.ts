import { readStored, writeStored } from "../shell/preferences.ts";

const key = "queryPage.queryHistory";
const limit = 50;
const bareMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/**
 * Adds an expression to the front of the history. The history has at most 50 entries, no duplicates and no plain metric
 * names.
 */
export function withExpression(history: readonly string[], expr: string): readonly string[] {
  const text = expr.trim();
  if (text === "" || bareMetric.test(text)) return history;
  return [text, ...history.filter((past) => past !== text)].slice(0, limit);
}

/** Returns the expressions that were run in this browser, newest first. */
export function readHistory(): readonly string[] {
  return readStored<string[]>(key, []).filter((item) => typeof item === "string");
}

/** Stores an expression that was run. */
export function recordExpression(expr: string): void {
  writeStored(key, withExpression(readHistory(), expr));
}

/** Removes all expressions. */
export function clearHistory(): void {
  writeStored(key, []);
}
