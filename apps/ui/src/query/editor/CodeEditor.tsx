import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { fixedExtensions, optionalExtensions } from "./extensions.ts";
import type { EditorOptions } from "./extensions.ts";

/** What an editor of an expression takes; the same for the full editor and its plain stand-in. */
export interface EditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onExecute: () => void;
  readonly autoFocus: boolean;
  readonly options: EditorOptions;
}

/** The full editor: colours, completions and marks for PromQL. */
export default function CodeEditor({ value, onChange, onExecute, autoFocus, options }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const optional = useRef(new Compartment());
  // The editor outlives renders: it must reach the callbacks and values of the latest one.
  const latest = useRef({ value, onChange, onExecute, autoFocus, options });
  latest.current = { value, onChange, onExecute, autoFocus, options };

  useEffect(() => {
    if (host.current === null) return;
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        selection: { anchor: latest.current.value.length },
        extensions: [
          optional.current.of(optionalExtensions(latest.current.options)),
          fixedExtensions(
            () => latest.current.onExecute(),
            (text) => latest.current.onChange(text),
          ),
        ],
      }),
    });
    editor.current = view;
    if (latest.current.autoFocus) view.focus();
    return () => {
      view.destroy();
      editor.current = null;
    };
  }, []);

  useEffect(() => {
    editor.current?.dispatch({ effects: optional.current.reconfigure(optionalExtensions(options)) });
  }, [options]);

  useEffect(() => {
    const view = editor.current;
    if (view === null || view.state.doc.toString() === value) return;
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
  }, [value]);

  return <div ref={host} className="code-editor" />;
}
