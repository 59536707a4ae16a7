import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { STEP_VARIABLES } from "./built-in-variables.ts";
import { promql } from "./extensions.ts";
import { VariableCompletion } from "./variable-completion.ts";

const inner = {
  promQL: () => Promise.resolve({ from: 0, options: [{ label: "inner" }] }),
};
const variables = [{ name: "instance", info: "A host." }, ...STEP_VARIABLES];

/** Returns the completions at the `|` of a text, and the text that the first one replaces. */
async function completed(text: string, names = variables) {
  const pos = text.indexOf("|");
  const state = EditorState.create({ doc: text.replace("|", ""), extensions: promql });
  const found = await new VariableCompletion(inner, names).promQL(new CompletionContext(state, pos, false));
  const labels = found!.options.map(({ label }) => label);
  return { labels, replaced: state.sliceDoc(found!.from, found!.to ?? pos) };
}

test.each([
  ["rate(up[$|])", "$"],
  ['up{instance=~"$ins|"}', "$ins"],
  ["$|", "$"],
])("in %s, the names of variables are suggested", async (text, replaced) => {
  const found = await completed(text);
  expect(found.replaced).toBe(replaced);
  expect(found.labels.slice(0, 2)).toEqual(["$instance", "$__rate_interval"]);
});

test("a name in braces replaces the brace that the editor has closed", async () => {
  expect(await completed('up{a="${in|}"}')).toMatchObject({ replaced: "${in}" });
  expect((await completed('up{a="${in|}"}')).labels[0]).toBe("${instance}");
});

test("after an opening square bracket, windows are suggested, variables first", async () => {
  const { labels, replaced } = await completed("rate(up[|])");
  expect(labels.slice(0, 4)).toEqual(["$__rate_interval", "$__interval", "$__range", "5m"]);
  expect(labels).not.toContain("$instance");
  expect(replaced).toBe("");
});

test.each(['up{path="a[|"}', "up|", "rate(up[5|])", "# a [|"])("%s is left to the inner completion", async (text) => {
  expect((await completed(text)).labels).toEqual(["inner"]);
});

test("without variables, a dollar sign is left to the inner completion, and windows are still suggested", async () => {
  expect((await completed("$|", [])).labels).toEqual(["inner"]);
  expect((await completed("up[|]", [])).labels[0]).toBe("5m");
});
