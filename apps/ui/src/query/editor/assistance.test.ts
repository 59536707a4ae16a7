import { completionStatus, moveCompletionSelection, startCompletion } from "@codemirror/autocomplete";
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

const enter = (view: EditorView): boolean =>
  runScopeHandlers(view, new KeyboardEvent("keydown", { key: "Enter" }), "editor");

test.each(["vector(1)", "up[5m]", 'up{job="a"}'])(
  "Enter after %s runs the expression instead of accepting a completion",
  async (doc) => {
    const view = await listed(doc, doc.length);
    expect([enter(view), view.state.doc.toString(), completionStatus(view.state)]).toEqual([false, doc, null]);
  },
);

test("Enter accepts a completion that was selected after the end of an expression", async () => {
  const chosen = await listed("vector(1)", 9);
  moveCompletionSelection(true)(chosen);
  expect([enter(chosen), chosen.state.doc.toString()]).toEqual([true, "vector(1)vector"]);
});

test("Enter accepts a completion of a word that has been started", async () => {
  const begun = await listed("ve", 0);
  expect([enter(begun), begun.state.doc.toString()]).toEqual([true, "-"]);
});
