import { completionStatus, startCompletion } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { EditorView, runScopeHandlers } from "@codemirror/view";
import { expect, onTestFinished, test, vi } from "vitest";
import { PLAIN_OPTIONS } from "../../testing/editor-options.ts";
import { assistance } from "./assistance.ts";

/**
 * Returns an editor with an open completion list. The list has been open long enough that Enter would accept a
 * completion.
 */
async function listed(doc: string, from: number): Promise<EditorView> {
  const options = ["-", "vector"].map((label) => ({ label }));
  const source = { autocomplete: () => ({ from, options, filter: false }) };
  const state = EditorState.create({
    doc,
    selection: { anchor: doc.length },
    extensions: [assistance(PLAIN_OPTIONS), EditorState.languageData.of(() => [source])],
  });
  const view = new EditorView({ state, parent: document.body });
  startCompletion(view);
  await expect.poll(() => completionStatus(view.state), { timeout: 60_000 }).toBe("active");
  const later = vi.spyOn(Date, "now").mockReturnValue(Number.MAX_SAFE_INTEGER);
  onTestFinished(() => {
    later.mockRestore();
    view.destroy();
  });
  return view;
}

const press = (view: EditorView, key: string): boolean =>
  runScopeHandlers(view, new KeyboardEvent("keydown", { key }), "editor");

test.each(["vector(1)", "up[5m]", 'up{job="a"}', "up", "up offset 5", "metric_that_is_gone"])(
  "Enter after %s closes the list and runs the expression, because the user has selected nothing",
  async (doc) => {
    const view = await listed(doc, doc.length - 1);
    expect([press(view, "Enter"), view.state.doc.toString(), completionStatus(view.state)]).toEqual([false, doc, null]);
  },
);

test("Enter accepts the completion that an arrow key selected", async () => {
  const chosen = await listed("ve", 0);
  expect(press(chosen, "ArrowDown")).toBe(true);
  expect(press(chosen, "ArrowDown")).toBe(true);
  expect([press(chosen, "Enter"), chosen.state.doc.toString()]).toEqual([true, "vector"]);
});

test("Tab accepts the first completion of a word that has been started", async () => {
  const begun = await listed("ve", 0);
  expect([press(begun, "Tab"), begun.state.doc.toString()]).toEqual([true, "-"]);
});

test.each(["vector(1)", "up "])("Tab after %j leaves the editor", async (doc) => {
  const view = await listed(doc, doc.length);
  expect([press(view, "Tab"), view.state.doc.toString()]).toEqual([false, doc]);
});
