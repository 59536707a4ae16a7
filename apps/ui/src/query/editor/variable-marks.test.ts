import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { expect, onTestFinished, test } from "vitest";
import { PLAIN_OPTIONS } from "../../testing/editor-options.ts";
import { optionalExtensions } from "./extensions.ts";

/** Returns the text that the editor colours as variables. */
function marked(doc: string, names: readonly string[]): string {
  const variables = names.map((name) => ({ name, info: "" }));
  const options = { ...PLAIN_OPTIONS, language: "promql" as const, highlighting: true, variables };
  const state = EditorState.create({ doc, extensions: optionalExtensions(options, false) });
  const view = new EditorView({ state, parent: document.body });
  onTestFinished(() => view.destroy());
  // The colour of a mark inside would count instead.
  expect(view.dom.querySelectorAll(".cm-variable *")).toHaveLength(0);
  return [...view.dom.querySelectorAll(".cm-variable")].map(({ textContent }) => textContent).join("");
}

test("known variables are coloured in each of their forms, and unknown ones are not", () => {
  const text = 'a{b="${host:regex}", c="[[host]]"} + $host + $other + "$__from"';
  expect(marked(text, ["host"])).toBe("${host:regex}[[host]]$host");
  expect(marked(text, [])).toBe("");
});
