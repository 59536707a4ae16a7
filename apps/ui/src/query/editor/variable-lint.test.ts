import { syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { expect, test } from "vitest";
import { STEP_VARIABLES } from "./built-in-variables.ts";
import { promql } from "./extensions.ts";
import { lintWithVariables, withStandIns } from "./variable-lint.ts";

/** A linter that reports syntax errors. */
const linter = {
  promQL:
    () =>
    ({ state }: EditorView) => {
      const found: { from: number; to: number; severity: "error"; message: string }[] = [];
      syntaxTree(state).iterate({
        enter: ({ type, from, to }) => {
          if (type.isError) found.push({ from, to, severity: "error", message: "" });
        },
      });
      return found;
    },
};

/** Returns the places of the reported errors. */
async function problems(doc: string): Promise<readonly number[]> {
  const state = EditorState.create({ doc, extensions: promql });
  const found = await lintWithVariables(linter, STEP_VARIABLES).promQL()({ state } as EditorView);
  return found.map(({ from }) => from);
}

test.each(["rate(up[$__rate_interval])", "sum_over_time(up[$__range:${__interval}]) / $__range_s", "up"])(
  "%s has no error",
  async (doc) => expect(await problems(doc)).toEqual([]),
);

test("unknown variables and other errors are reported at their places", async () => {
  expect(await problems("rate(up[$other])")).not.toEqual([]);
  const text = "rate(up[$__interval]) + ? * 2";
  const places = await problems(text);
  expect(places).not.toEqual([]);
  expect(Math.min(...places)).toBeGreaterThan(text.indexOf("+"));
});

test("values that stand for variables keep the length of the text", () => {
  const text = "a[$__rate_interval] + ${__range_s} + $x";
  expect(withStandIns(text, STEP_VARIABLES)).toBe("a[1m              ] + 1            + $x");
});
