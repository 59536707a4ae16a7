import { readStored, writeStored } from "../shell/preferences.ts";

const key = "queryPage.queryHistory";
const limit = 50;
const bareMetric = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** The history with one more expression in front: each once, 50 at most, bare metric names left out. */
export function withExpression(history: readonly string[], expr: string): readonly string[] {
  const text = expr.trim();
  if (text === "" || bareMetric.test(text)) return history;
  return [text, ...history.filter((past) => past !== text)].slice(0, limit);
}

/** Expressions that were run in this browser, newest first. */
export function readHistory(): readonly string[] {
  return readStored<string[]>(key, []).filter((item) => typeof item === "string");
}

/** Remembers an expression that was run. */
export function recordExpression(expr: string): void {
  writeStored(key, withExpression(readHistory(), expr));
}

/** Forgets all expressions. */
export function clearHistory(): void {
  writeStored(key, []);
}
