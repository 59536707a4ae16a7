import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { macroCompletions } from "./macro-completions.ts";

/** Returns the names of the macros that are suggested after a text, without their arguments. */
function suggested(kind: string, text: string): readonly string[] {
  const context = new CompletionContext(EditorState.create({ doc: text }), text.length, false);
  const options = macroCompletions(kind)(context)?.options ?? [];
  return [...new Set(options.map(({ label }) => label.replace(/\(.*/, "")))];
}

test("the macros of SQLite are those of its plugin, which has no filter of times", () => {
  expect(suggested("frser-sqlite-datasource", "SELECT $")).toEqual([
    "$__unixEpochGroupSeconds",
    "$__from",
    "$__to",
    "$__interval",
    "$__interval_ms",
  ]);
});

test.each(["grafana-postgresql-datasource", "mysql", "grafana-clickhouse-datasource"])(
  "the macros of %s contain a filter of times",
  (kind) => expect(suggested(kind, "SELECT $__")).toContain("$__timeFilter"),
);

test("macros are only suggested after a dollar sign", () => expect(suggested("mysql", "SELECT a")).toEqual([]));
