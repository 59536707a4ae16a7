import { type ComponentType, type RefObject, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { EditorProps, ReplacedField } from "./CodeEditor.tsx";

type Editor = ComponentType<EditorProps>;

interface FieldState {
  /** The plain field, which is shown until the full editor is loaded. */
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly full: FullEditor | undefined;
}

interface FullEditor {
  readonly Editor: Editor;
  /** State of the replaced plain field; undefined if there was none. */
  readonly replacedField?: ReplacedField;
}

/**
 * Returns a hook that switches from the plain field to the full editor when its code is loaded. The switch waits for
 * the end of an IME composition, and happens in one task to keep all key presses.
 */
export function fullEditorOf(get: () => Promise<{ readonly default: Editor }>): (value: string) => FieldState {
  let loaded: Editor | undefined;
  return function useFullEditor(value) {
    const field = useRef<HTMLTextAreaElement>(null);
    const [original] = useState(value);
    const [full, setFull] = useState<FullEditor | undefined>(() => loaded && { Editor: loaded });
    useEffect(() => {
      const plain = field.current;
      if (plain === null) return;
      const composing = composition(plain, () => take());
      let cancel = (): void => undefined;
      const take = (): void => {
        if (loaded === undefined || composing.isOn()) return;
        const next = { Editor: loaded, replacedField: { original, ...selectionOf(plain) } };
        flushSync(() => setFull(next));
      };
      const load = async (): Promise<void> => {
        let isLeft = false;
        cancel = () => void (isLeft = true);
        try {
          loaded ??= (await get()).default;
        } catch {
          return;
        }
        if (!isLeft) take();
      };
      cancel = afterFrame(() => void load());
      return () => {
        cancel();
        composing.end();
      };
    }, [original]);
    return { field, full };
  };
}

function selectionOf(field: HTMLTextAreaElement): Omit<ReplacedField, "original"> {
  const { selectionStart, selectionEnd, selectionDirection } = field;
  const [anchor, head] =
    selectionDirection === "backward" ? [selectionEnd, selectionStart] : [selectionStart, selectionEnd];
  return { anchor, head, hasFocus: field.ownerDocument.activeElement === field };
}

/** Reports whether an IME composition is running in a field, and calls `onDone` when a composition ends. */
function composition(
  field: HTMLElement,
  onDone: () => void,
): { readonly isOn: () => boolean; readonly end: () => void } {
  let isOn = false;
  let cancel = (): void => undefined;
  const listening = new AbortController();
  const { signal } = listening;
  field.addEventListener("compositionstart", () => void (isOn = true), { signal });
  field.addEventListener(
    "compositionend",
    () => {
      isOn = false;
      // Waits for the next frame, because some browsers send the input event after compositionend.
      cancel = afterFrame(onDone);
    },
    { signal },
  );
  return {
    isOn: () => isOn,
    end: () => {
      cancel();
      listening.abort();
    },
  };
}

/**
 * Calls `callback` after the next rendered frame.
 * @returns a function that cancels the callback
 */
function afterFrame(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => (timer = setTimeout(callback)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
