import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from "@codemirror/commands";
import { bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { highlightSelectionMatches } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { EditorView, drawSelection, dropCursor, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import type { KeyBinding } from "@codemirror/view";
import { PromQLExtension } from "@prometheus-io/codemirror-promql";
import type { Capabilities } from "../../datasource/data-source.ts";
import { completionStrategy } from "./completion.ts";
import { editorTheme, promqlHighlight } from "./highlight.ts";

/** What of the editor a reader can switch. */
export interface EditorOptions {
  readonly language: Capabilities["language"];
  readonly autocomplete: boolean;
  readonly highlighting: boolean;
  readonly linter: boolean;
  readonly history: boolean;
  readonly metricNames: readonly string[];
}

/** Name of the editor for assistive technology. */
export const editorLabel = "PromQL expression";

function runKeys(onExecute: () => void): readonly KeyBinding[] {
  return [
    {
      key: "Enter",
      run: (view) => {
        if (acceptCompletion(view)) return true;
        closeCompletion(view);
        onExecute();
        return true;
      },
    },
    { key: "Shift-Enter", run: insertNewlineAndIndent },
    {
      key: "Escape",
      run: (view) => {
        if (closeCompletion(view)) return true;
        view.contentDOM.blur();
        return true;
      },
    },
  ];
}

/** Measures how much of the text lies below the row of the cursor: lists open beneath all of it. */
const textBelowCursor = EditorView.updateListener.of(({ view, docChanged, selectionSet, geometryChanged }) => {
  if (!docChanged && !selectionSet && !geometryChanged) return;
  view.requestMeasure({
    key: "text below the cursor",
    read: ({ contentDOM, state }) => {
      const row = view.coordsAtPos(state.selection.main.head);
      const text = contentDOM.lastElementChild?.getBoundingClientRect();
      return row === null || text === undefined ? 0 : Math.max(0, Math.floor(text.bottom - row.bottom) - 7);
    },
    write: (below) => view.dom.style.setProperty("--text-below", `${below}px`),
  });
});

/** Parts that stay for the life of an editor. */
export function fixedExtensions(onExecute: () => void, onChange: (text: string) => void): Extension[] {
  return [
    Prec.highest(keymap.of([...runKeys(onExecute)])),
    highlightSpecialChars(),
    history(),
    EditorState.allowMultipleSelections.of(true),
    drawSelection(),
    dropCursor(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion(),
    highlightSelectionMatches(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": editorLabel, spellcheck: "false", autocapitalize: "off" }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
    placeholder("Enter an expression, such as rate(http_requests_total[5m])"),
    editorTheme,
    textBelowCursor,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

/** Parts that follow the reader's settings. */
export function optionalExtensions(options: EditorOptions): Extension[] {
  if (options.language !== "promql") return [];
  const language = new PromQLExtension().activateCompletion(options.autocomplete).activateLinter(options.linter);
  if (options.autocomplete) language.setComplete({ completeStrategy: completionStrategy(options) });
  return [language.asExtension(), options.highlighting ? syntaxHighlighting(promqlHighlight) : []];
}
