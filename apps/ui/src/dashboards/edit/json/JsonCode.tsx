import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, syntaxHighlighting, HighlightStyle } from "@codemirror/language";
import { yaml } from "@codemirror/lang-yaml";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import { editorTheme } from "../../../query/editor/highlight.ts";
import { classesOf } from "../../../shell/style-sheet.ts";
import type { JsonMistake } from "./parse-json.ts";
import styles from "./JsonCode.module.css";

const css = classesOf(styles);

const colors = HighlightStyle.define([
  { tag: tags.definition(tags.propertyName), color: "var(--promql-label)" },
  { tag: [tags.string, tags.content], color: "var(--promql-string)" },
  { tag: [tags.squareBracket, tags.brace, tags.separator], color: "var(--promql-bracket)" },
]);

/**
 * A JSON editor. It highlights the text as YAML, since JSON is a subset of YAML. After Escape, the Tab key leaves the
 * editor.
 */
export default function JsonCode(props: {
  value: string;
  label: string;
  mistake?: JsonMistake | undefined;
  onChange: (text: string) => void;
}) {
  const { value, label, mistake, onChange } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const report = useEffectEvent((text: string) => onChange(text));
  const open = useEffectEvent(
    (parent: HTMLElement): EditorView =>
      new EditorView({
        parent,
        state: EditorState.create({
          doc: value,
          extensions: [
            history(),
            lineNumbers(),
            bracketMatching(),
            yaml(),
            syntaxHighlighting(colors),
            EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
            keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
            editorTheme,
            EditorView.updateListener.of((update) => {
              if (update.docChanged) report(update.state.doc.toString());
            }),
          ],
        }),
      }),
  );
  useEffect(() => {
    if (host.current === null) return;
    const view = open(host.current);
    editor.current = view;
    return () => {
      view.destroy();
      editor.current = null;
    };
  }, []);
  useEffect(() => {
    const view = editor.current;
    if (view === null || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const view = editor.current;
    if (view === null || mistake?.line === undefined) return;
    const line = view.state.doc.line(Math.min(mistake.line, view.state.doc.lines));
    view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
    view.focus();
  }, [mistake]);
  return <div ref={host} className={css("editor")} />;
}
