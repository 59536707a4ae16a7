import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionStatus,
  currentCompletions,
  moveCompletionSelection,
  selectedCompletionIndex,
  setSelectedCompletion,
} from "@codemirror/autocomplete";
import { type Extension, Prec } from "@codemirror/state";
import { type Command, type EditorView, keymap } from "@codemirror/view";

/** Text before the cursor after which Tab leaves the editor: nothing has been begun that could be completed. */
const COMPLETE = /(?:^|[)\]}\s])$/;

/** Accepts the selected completion, or the first one if no completion is selected. */
function acceptFirst(view: EditorView): boolean {
  const { state } = view;
  if (completionStatus(state) === null || currentCompletions(state).length === 0) return false;
  if (selectedCompletionIndex(state) === null) {
    const { head } = state.selection.main;
    if (COMPLETE.test(state.sliceDoc(Math.max(0, head - 1), head))) return false;
    view.dispatch({ effects: setSelectedCompletion(0) });
  }
  return acceptCompletion(view);
}

/**
 * Returns a command that selects the next or the previous completion. While completions are requested, it does nothing:
 * otherwise the key would move the cursor, which closes the list.
 */
const select =
  (forward: boolean): Command =>
  (view) =>
    moveCompletionSelection(forward)(view) || completionStatus(view.state) === "pending";

/**
 * Keys of an open list. These keys take precedence over the editor's own keys. Enter accepts only a completion that the user
 * has selected. Otherwise it closes the list and does what it does without a list.
 */
const keys = keymap.of([
  {
    key: "Enter",
    run: (view) => {
      if (acceptCompletion(view)) return true;
      closeCompletion(view);
      return false;
    },
  },
  { key: "ArrowDown", run: select(true) },
  { key: "ArrowUp", run: select(false) },
  { key: "Tab", run: acceptFirst },
  { key: "Escape", run: closeCompletion },
]);

/**
 * Returns the list of completions of an editor. No completion is selected until the user presses an arrow key. The list
 * takes arrow keys at once: a delay against accidental keys is not needed, and an arrow key before its end would move the
 * cursor and close the list.
 */
export const completionList = (): Extension => [
  Prec.highest(keys),
  autocompletion({ selectOnOpen: false, interactionDelay: 0 }),
];
