import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { MySQL, PostgreSQL, sql, type SQLNamespace, StandardSQL } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";
import { completionList } from "../../../../../query/editor/completion-list.ts";
import { editorTheme } from "../../../../../query/editor/highlight.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { macroCompletions } from "./macro-completions.ts";
import styles from "./SqlForm.module.css";

const css = classesOf(styles);

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--promql-keyword)", fontWeight: "600" },
  { tag: tags.string, color: "var(--promql-string)" },
  { tag: tags.number, color: "var(--promql-number)" },
  { tag: tags.comment, color: "var(--promql-comment)", fontStyle: "italic" },
  { tag: [tags.paren, tags.squareBracket, tags.brace], color: "var(--promql-bracket)" },
]);

/** SQL dialects of the editor, by the type of the data source. */
const DIALECTS: Readonly<Record<string, typeof StandardSQL>> = {
  "grafana-postgresql-datasource": PostgreSQL,
  mysql: MySQL,
  // SQL expressions
  __expr__: MySQL,
};

const languageOf = (kind: string, schema: SQLNamespace): Extension => {
  const dialect = Object.hasOwn(DIALECTS, kind) ? DIALECTS[kind]! : StandardSQL;
  return [sql({ dialect, schema }), dialect.language.data.of({ autocomplete: macroCompletions(kind) })];
};

/** A code editor for SQL. Ctrl+Enter or leaving the field applies the text. */
export function SqlField(props: {
  label: string;
  value: string;
  /** Type of the data source, which determines the SQL dialect. */
  kind: string;
  schema: SQLNamespace;
  onCommit: (sql: string) => void;
}) {
  const { label, value, kind, schema, onCommit } = props;
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const language = useRef(new Compartment());
  const commit = useEffectEvent((text: string) => {
    if (text !== value) onCommit(text);
  });
  const open = useEffectEvent((parent: HTMLElement): EditorView => {
    const commitText = (view: EditorView): boolean => {
      commit(view.state.doc.toString());
      return true;
    };
    return new EditorView({
      parent,
      state: EditorState.create({
        doc: value,
        extensions: [
          history(),
          bracketMatching(),
          completionList(),
          language.current.of(languageOf(kind, schema)),
          syntaxHighlighting(colors),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
          keymap.of([{ key: "Mod-Enter", run: commitText }, ...defaultKeymap, ...historyKeymap]),
          editorTheme,
          EditorView.domEventHandlers({ blur: (_, view) => void commitText(view) }),
        ],
      }),
    });
  });
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
    editor.current?.dispatch({ effects: language.current.reconfigure(languageOf(kind, schema)) });
  }, [kind, schema]);
  useEffect(() => {
    const view = editor.current;
    if (view === null || view.state.doc.toString() === value) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: value } });
  }, [value]);
  return <div ref={host} className={css("editor")} />;
}
