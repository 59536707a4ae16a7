import { useMergedRef } from "@mantine/hooks";
import { type Ref, useEffectEvent, useLayoutEffect, useRef } from "react";
import { classesOf } from "../../shell/style-sheet.ts";
import type { EditorProps } from "./CodeEditor.tsx";
import { fieldLabel, fieldPlaceholder } from "./field-texts.ts";
import styles from "./editor.module.css";

const css = classesOf(styles);

/** A plain field for an expression, with the same keys and size as the full editor. */
export function PlainEditor({
  value,
  onChange,
  onExecute,
  autoFocus,
  ref,
}: Omit<EditorProps, "options" | "replacedField"> & { readonly ref?: Ref<HTMLTextAreaElement> }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const merged = useMergedRef(field, ref);
  const begin = useEffectEvent(() => {
    if (!autoFocus) return;
    field.current?.focus();
    field.current?.setSelectionRange(value.length, value.length);
  });
  useLayoutEffect(() => begin(), []);
  return (
    <div className={css("plain")}>
      {/* Gives the field the height of its text. The zero-width space gives an empty last line its height. */}
      <pre aria-hidden>{value}&#8203;</pre>
      <textarea
        ref={merged}
        aria-label={fieldLabel}
        placeholder={fieldPlaceholder}
        spellCheck={false}
        autoCapitalize="off"
        rows={1}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") event.currentTarget.blur();
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          onExecute();
        }}
      />
    </div>
  );
}
