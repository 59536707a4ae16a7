import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

/** Colours of PromQL as CSS variables, so that both themes share one style. */
export const promqlHighlight = HighlightStyle.define([
  { tag: tags.number, color: "var(--promql-number)" },
  { tag: tags.string, color: "var(--promql-string)" },
  { tag: tags.keyword, color: "var(--promql-keyword)", fontWeight: "600" },
  { tag: tags.function(tags.variableName), color: "var(--promql-function)" },
  { tag: tags.labelName, color: "var(--promql-label)" },
  { tag: tags.operator, color: "var(--promql-operator)" },
  { tag: tags.modifier, color: "var(--promql-keyword)", fontWeight: "600" },
  { tag: [tags.paren, tags.squareBracket, tags.brace], color: "var(--promql-bracket)" },
  { tag: tags.invalid, color: "var(--promql-invalid)" },
  { tag: tags.comment, color: "var(--promql-comment)", fontStyle: "italic" },
]);

/** Style of the editor's frame, its list of completions and its marks. */
export const editorTheme = EditorView.theme({
  "&": { fontSize: "0.92rem", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-content": { padding: "7px 0", caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-placeholder": { color: "var(--mantine-color-placeholder)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--editor-selection)",
  },
  ".cm-variable": { color: "var(--promql-label)" },
  ".cm-selectionMatch": { backgroundColor: "var(--editor-match)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--editor-match)",
    outline: "1px solid var(--editor-edge)",
  },
  ".cm-tooltip": {
    backgroundColor: "var(--mantine-color-body)",
    color: "var(--mantine-color-text)",
    border: "1px solid var(--editor-edge)",
    borderRadius: "6px",
    boxShadow: "var(--mantine-shadow-md)",
  },
  // The help text of a completion is next to the list, outside of the list's frame.
  ".cm-tooltip:not(.cm-tooltip-autocomplete)": { overflow: "hidden" },
  // Moves the completion list below the whole text. By default it is below the cursor's line and would hide text.
  ".cm-tooltip.cm-tooltip-below": { marginTop: "calc(7px + var(--text-below, 0px))" },
  ".cm-tooltip.cm-tooltip-above": { marginTop: "-7px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--mantine-font-family-monospace)",
    maxHeight: "320px",
    maxWidth: "min(640px, 92vw)",
    borderRadius: "inherit",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    background: "var(--editor-chosen)",
    color: "var(--mantine-color-text)",
  },
  ".cm-completionMatchedText": {
    textDecoration: "none",
    fontWeight: "700",
    color: "var(--mantine-primary-color-text)",
  },
  ".cm-completionDetail": {
    fontStyle: "normal",
    color: "var(--mantine-color-dimmed)",
    marginLeft: "1.2em",
    float: "right",
  },
  ".cm-completionIcon": { display: "none" },
  ".cm-completionInfo": { padding: "8px 12px", maxWidth: "340px", fontFamily: "var(--mantine-font-family)" },
  ".cm-diagnostic": { padding: "4px 10px", fontFamily: "var(--mantine-font-family)" },
});
