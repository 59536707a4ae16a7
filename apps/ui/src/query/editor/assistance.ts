import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches } from "@codemirror/search";
import type { Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import { completionList } from "./completion-list.ts";
import { completionStrategy } from "./completion.ts";
import type { EditorOptions } from "./extensions.ts";
import { lintWithVariables } from "./variable-lint.ts";

/**
 * Returns the extensions that help with typing: completions, closing brackets, error marks. An editor that only shows
 * an expression does not need them.
 */
export function assistance(options: EditorOptions): Extension[] {
  const parts: Extension[] = [
    completionList(),
    closeBrackets(),
    highlightSelectionMatches(),
    keymap.of([...closeBracketsKeymap, ...lintKeymap]),
  ];
  if (options.language !== "promql") return parts;
  const language = new PromQLExtension().activateCompletion(options.autocomplete).activateLinter(options.linter);
  language.setLinter(lintWithVariables(language.getLinter(), options.variables));
  if (options.autocomplete) language.setComplete({ completeStrategy: completionStrategy(options) });
  return [...parts, language.asExtension()];
}
