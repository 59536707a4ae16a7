import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { fixedExtensions, isMistaken, optionalExtensions } from "./extensions.ts";
import type { EditorOptions } from "./extensions.ts";

/** What an editor of an expression takes; the same for the full editor and its plain stand-in. */
export interface EditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onExecute: () => void;
  readonly autoFocus: boolean;
  readonly options: EditorOptions;
}

type Assistance = typeof import("./assistance.ts").assistance;

/**
 * What helps a reader who writes comes with the first key or click in the editor: a page that only shows a result
 * goes without. Until it is there, or where it cannot be loaded, the editor is one without completions.
 */
function useAssistance(isNeeded: boolean) {
  const [isWanted, setWanted] = useState(isNeeded);
  const [assistance, setAssistance] = useState<{ readonly make: Assistance } | null>(null);
  useEffect(() => {
    if (!isWanted) return;
    let left = false;
    void import("./assistance.ts").then(
      ({ assistance: make }) => left || setAssistance({ make }),
      () => undefined,
    );
    return () => void (left = true);
  }, [isWanted]);
  return { make: assistance?.make ?? null, want: () => setWanted(true) };
}

/** The full editor: colours, completions and marks for PromQL. */
export default function CodeEditor({ value, onChange, onExecute, autoFocus, options }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const optional = useRef(new Compartment());
  const isFollowing = useRef(false);
  const { make, want } = useAssistance(isMistaken(options, value));
  // The editor outlives renders: these reach the callbacks and values of the latest one.
  const execute = useEffectEvent(onExecute);
  // At once: a text that comes back after the next key would undo that key, and be what Enter runs.
  const report = useEffectEvent((text: string) => {
    if (!isFollowing.current) flushSync(() => onChange(text));
  });
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
        extensions: [optional.current.of(optionalExtensions(options, false)), fixed],
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
    const extensions = [make === null ? [] : make(options), optionalExtensions(options, make !== null)];
    editor.current?.dispatch({ effects: optional.current.reconfigure(extensions) });
  }, [options, make]);

  useEffect(() => {
    const view = editor.current;
    if (view === null || view.state.doc.toString() === value) return;
    isFollowing.current = true;
    view.dispatch({
      changes: { from: 0, to: view.state.doc.length, insert: value },
      selection: { anchor: value.length },
    });
    isFollowing.current = false;
  }, [value]);

  return <div ref={host} onKeyDownCapture={want} onPointerDownCapture={want} />;
}
