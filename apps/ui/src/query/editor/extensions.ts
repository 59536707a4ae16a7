import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from "@codemirror/commands";
import { LRLanguage, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { EditorState, Prec } from "@codemirror/state";
import type { Extension } from "@codemirror/state";
import { EditorView, drawSelection, dropCursor, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import type { KeyBinding } from "@codemirror/view";
import { parser } from "@prometheus-io/lezer-promql";
import type { Capabilities } from "../../datasource/data-source.ts";
import type { EditorVariable } from "./built-in-variables.ts";
import { fieldLabel, fieldPlaceholder } from "./field-texts.ts";
import { editorTheme, promqlHighlight } from "./highlight.ts";
import { variableMarks } from "./variable-marks.ts";

export interface EditorOptions {
  readonly language: Capabilities["language"];
  readonly autocomplete: boolean;
  readonly highlighting: boolean;
  readonly linter: boolean;
  readonly history: boolean;
  readonly metricNames: readonly string[];
  /** Variables that the editor suggests, and does not colour as errors. */
  readonly variables: readonly EditorVariable[];
  /** URL for completion requests. Default: this server. */
  readonly completionUrl?: string;
}

function runKeys(onExecute: () => void): readonly KeyBinding[] {
  return [
    {
      key: "Enter",
      run: () => {
        onExecute();
        return true;
      },
    },
    { key: "Shift-Enter", run: insertNewlineAndIndent },
    {
      key: "Escape",
      run: (view) => {
        view.contentDOM.blur();
        return true;
      },
    },
  ];
}

/** Measures the height of the text below the cursor's line, because completion lists open below the whole text. */
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

/** Returns the editor extensions that do not depend on settings. */
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
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": fieldLabel, spellcheck: "false", autocapitalize: "off" }),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    placeholder(fieldPlaceholder),
    editorTheme,
    textBelowCursor,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

/** PromQL without completion and checks. */
export const promql = LRLanguage.define({ parser: parser.configure({ top: "PromQL" }) });

/**
 * Returns the editor extensions that depend on settings. The language is left out if the extensions for typing support
 * already contain it.
 */
export function optionalExtensions(options: EditorOptions, isAssisted: boolean): Extension[] {
  if (options.language !== "promql") return [];
  const colors = options.highlighting ? [syntaxHighlighting(promqlHighlight), variableMarks(options.variables)] : [];
  return [isAssisted ? [] : promql, colors];
}

export function hasSyntaxError(options: EditorOptions, expr: string): boolean {
  if (options.language !== "promql" || expr === "") return false;
  let mistaken = false;
  promql.parser.parse(expr).iterate({ enter: ({ type }) => void (mistaken ||= type.isError) });
  return mistaken;
}
