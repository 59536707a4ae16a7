import { Compartment, EditorState, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { fixedExtensions, isMistaken, optionalExtensions } from "./extensions.ts";
import type { EditorOptions } from "./extensions.ts";

/** A plain field whose place the editor takes. */
export interface TakenField {
  /** The text that it began with: what became of it since is one step to undo. */
  readonly original: string;
  readonly anchor: number;
  readonly head: number;
  readonly hasFocus: boolean;
}

/** What an editor of an expression takes; the same for the full editor and its plain stand-in. */
export interface EditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onExecute: () => void;
  readonly autoFocus: boolean;
  readonly options: EditorOptions;
  /** Has the last word about the focus, which the reader may have taken elsewhere. */
  readonly taken?: TakenField;
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
export default function CodeEditor({ value, onChange, onExecute, autoFocus, options, taken }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const optional = useRef(new Compartment());
  const isFollowing = useRef(false);
  const { make, want } = useAssistance(isMistaken(options, value) || (taken !== undefined && taken.original !== value));
  // The editor outlives renders: these reach the callbacks and values of the latest one.
  const execute = useEffectEvent(onExecute);
  // At once: a text that comes back after the next key would undo that key, and be what Enter runs.
  const report = useEffectEvent((text: string) => {
    if (!isFollowing.current) flushSync(() => onChange(text));
  });
  const follow = (
    view: EditorView,
    text: string,
    selected?: { readonly anchor: number; readonly head: number },
  ): void => {
    const { doc } = view.state;
    // Lines of the document end in \n alone: it can be shorter than the text that it shows.
    const next = view.state.toText(text);
    const isSame = doc.eq(next);
    if (isSame && selected === undefined) return;
    // The text can be a newer one than what was selected in.
    const place = (offset = next.length): number => Math.min(offset, next.length);
    isFollowing.current = true;
    view.dispatch({
      ...(isSame ? {} : { changes: { from: 0, to: doc.length, insert: next } }),
      selection: { anchor: place(selected?.anchor), head: place(selected?.head) },
    });
    isFollowing.current = false;
  };
  const open = useEffectEvent((parent: HTMLElement): EditorView => {
    const { original, hasFocus } = taken ?? { original: value, hasFocus: autoFocus };
    const fixed = fixedExtensions(
      () => execute(),
      (text) => report(text),
    );
    const doc = Text.of(original.split(/\r\n?|\n/));
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc,
        selection: { anchor: doc.length },
        extensions: [optional.current.of(optionalExtensions(options, false)), fixed],
      }),
    });
    if (taken !== undefined) follow(view, value, taken);
    if (hasFocus) view.focus();
    return view;
  });

  const followText = useEffectEvent((view: EditorView, text: string) => follow(view, text));

  // Before another key can come: the field whose place it takes is gone.
  useLayoutEffect(() => {
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
    if (editor.current !== null) followText(editor.current, value);
  }, [value]);

  return <div ref={host} onKeyDownCapture={want} onPointerDownCapture={want} />;
}
