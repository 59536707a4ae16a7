import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef } from "react";
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
  // The editor outlives renders: these reach the callbacks and values of the latest one.
  const execute = useEffectEvent(onExecute);
  const report = useEffectEvent(onChange);
  const open = useEffectEvent((parent: HTMLElement): EditorView => {
    const fixed = fixedExtensions(
      () => execute(),
      (text) => report(text),
    );
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: value,
        selection: { anchor: value.length },
        extensions: [optional.current.of(optionalExtensions(options)), fixed],
      }),
    });
    if (autoFocus) view.focus();
    return view;
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
