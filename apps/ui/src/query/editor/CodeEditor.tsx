import { Compartment, EditorState, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { fixedExtensions, hasSyntaxError, optionalExtensions } from "./extensions.ts";
import type { EditorOptions } from "./extensions.ts";

/** State of the plain field that the editor replaces. */
export interface ReplacedField {
  /** Initial text of the field. The user undoes all changes since then in one step. */
  readonly original: string;
  readonly anchor: number;
  readonly head: number;
  readonly hasFocus: boolean;
}

/** Properties of an expression editor. The full editor and the plain field have the same properties. */
export interface EditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onExecute: () => void;
  readonly autoFocus: boolean;
  readonly options: EditorOptions;
  /** State of the plain field that this editor replaced. Its focus state takes precedence over `autoFocus`. */
  readonly replacedField?: ReplacedField;
}

type Assistance = typeof import("./assistance.ts").assistance;

/**
 * Loads completions and other typing support at the first key or click, because pages that only show a result do not
 * need it.
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

/** The full editor: highlighting, completions and error marks for PromQL. */
export default function CodeEditor({ value, onChange, onExecute, autoFocus, options, replacedField }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const optional = useRef(new Compartment());
  const isFollowing = useRef(false);
  const { make, want } = useAssistance(
    hasSyntaxError(options, value) || (replacedField !== undefined && replacedField.original !== value),
  );
  // Effect events that call the callbacks of the latest render, because the editor outlives renders.
  const execute = useEffectEvent(onExecute);
  // Reports the text synchronously. Otherwise the page could restore an older text after the next key press, and Enter
  // would run the older text.
  const report = useEffectEvent((text: string) => {
    if (!isFollowing.current) flushSync(() => onChange(text));
  });
  const follow = (
    view: EditorView,
    text: string,
    selected?: { readonly anchor: number; readonly head: number },
  ): void => {
    const { doc } = view.state;
    // The new text as a document of the editor. Line breaks in the document are one character (\n), so the document can
    // be shorter than the text.
    const next = view.state.toText(text);
    const isSame = doc.eq(next);
    if (isSame && selected === undefined) return;
    // Limits an offset of the selection to the length of the text, because the text may have become shorter.
    const clamped = (offset = next.length): number => Math.min(offset, next.length);
    isFollowing.current = true;
    view.dispatch({
      ...(isSame ? {} : { changes: { from: 0, to: doc.length, insert: next } }),
      selection: { anchor: clamped(selected?.anchor), head: clamped(selected?.head) },
    });
    isFollowing.current = false;
  };
  const open = useEffectEvent((parent: HTMLElement): EditorView => {
    const { original, hasFocus } = replacedField ?? { original: value, hasFocus: autoFocus };
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
    if (replacedField !== undefined) follow(view, value, replacedField);
    if (hasFocus) view.focus();
    return view;
  });

  const followText = useEffectEvent((view: EditorView, text: string) => follow(view, text));

  // Creates the editor in a layout effect, because the plain field is already removed and no key press can arrive
  // before a layout effect.
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
