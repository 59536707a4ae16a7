import { type ComponentType, type RefObject, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { EditorProps, TakenField } from "./CodeEditor.tsx";

type Editor = ComponentType<EditorProps>;

/** What stands in the place of an expression. */
interface Place {
  /** The plain field, while there is no full editor. */
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly full: FullEditor | undefined;
}

interface FullEditor {
  readonly Editor: Editor;
  /** Absent where no plain field stood before. */
  readonly taken?: TakenField;
}

/**
 * A hook that has the full editor once its code is there and the page is drawn. The place of the plain field is taken
 * within one task, so that each key finds one of them, and not while a letter is being composed, which would be lost.
 * Where the code cannot be loaded the plain field stays.
 */
export function fullEditorOf(get: () => Promise<{ readonly default: Editor }>): (value: string) => Place {
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
        const next = { Editor: loaded, taken: { original, ...selectionOf(plain) } };
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

function selectionOf(field: HTMLTextAreaElement): Omit<TakenField, "original"> {
  const { selectionStart, selectionEnd, selectionDirection } = field;
  const [anchor, head] =
    selectionDirection === "backward" ? [selectionEnd, selectionStart] : [selectionStart, selectionEnd];
  return { anchor, head, hasFocus: field.ownerDocument.activeElement === field };
}

/** Tells whether a letter is being composed in a field, and calls back when one is done. */
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
      // Some browsers tell of the text after this.
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

/** Calls back when the browser has drawn a frame. @returns what takes it back */
function afterFrame(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => (timer = setTimeout(callback)));
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
