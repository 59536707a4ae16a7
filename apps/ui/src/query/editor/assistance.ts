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
 * Reports whether the cursor is after a closing bracket and the first completion (an operator) is only selected by
 * default. In this case, Enter runs the expression instead of accepting the completion.
 */
function isBehindEnd({ state }: EditorView): boolean {
  const { head } = state.selection.main;
  return selectedCompletionIndex(state) === 0 && head > 0 && ")]}".includes(state.sliceDoc(head - 1, head));
}

/**
 * With an open completion list, Enter accepts a completion and Escape closes the list. These keys take precedence over
 * the editor's own keys.
 */
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

/**
 * Returns the extensions that help with typing: completions, closing brackets, error marks. An editor that only shows
 * an expression does not need them.
 */
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
