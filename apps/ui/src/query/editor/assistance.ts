import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  selectedCompletionIndex,
} from "@codemirror/autocomplete";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches } from "@codemirror/search";
import { Prec } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { type EditorView, keymap } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { completionStrategy } from "./completion.ts";
import type { EditorOptions } from "./extensions.ts";

/**
 * Whether the cursor is behind a closing sign and no completion was chosen: operators that could follow are listed there,
 * none of which the reader has begun to write. Enter runs the expression then, however long ago the list opened.
 */
function isBehindEnd({ state }: EditorView): boolean {
  const { head } = state.selection.main;
  return selectedCompletionIndex(state) === 0 && head > 0 && ")]}".includes(state.sliceDoc(head - 1, head));
}

/** While completions are listed Enter takes one and Escape closes the list, before the editor's own keys are asked. */
const completionKeys = keymap.of([
  {
    key: "Enter",
    run: (view) => {
      if (!isBehindEnd(view) && acceptCompletion(view)) return true;
      closeCompletion(view);
      return false;
    },
  },
  { key: "Escape", run: closeCompletion },
]);

/** What helps a reader who writes: completions, closed brackets, marks of mistakes. Showing an expression needs none. */
export function assistance(options: EditorOptions): Extension[] {
  const parts: Extension[] = [
    Prec.highest(completionKeys),
    closeBrackets(),
    autocompletion(),
    highlightSelectionMatches(),
    keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap]),
  ];
  if (options.language !== "promql") return parts;
  const language = new PromQLExtension().activateCompletion(options.autocomplete).activateLinter(options.linter);
  if (options.autocomplete) language.setComplete({ completeStrategy: completionStrategy(options) });
  return [...parts, language.asExtension()];
}
