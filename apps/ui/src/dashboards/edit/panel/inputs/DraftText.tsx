import { Textarea, TextInput } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { useDraft } from "../../../../shell/use-draft.ts";

interface DraftTextProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** So many lines; absent: one. */
  readonly rows?: number;
  /** Said below it, in place of a text that cannot be taken. */
  readonly error?: string | undefined;
  /** What the text is chosen from, besides what is typed. */
  readonly list?: string;
  readonly id?: string;
  readonly onCommit: (text: string) => void;
  readonly className?: string;
}

/** A text that is taken when its field is left, or with Enter; Escape takes it back. */
export function DraftText({ label, value, placeholder, rows, error, list, id, onCommit, className }: DraftTextProps) {
  const [text, setText] = useDraft(value);
  const commit = (): void => {
    if (text !== value) onCommit(text);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (rows === undefined || event.ctrlKey || event.metaKey)) commit();
    else if (event.key === "Escape" && text !== value) {
      setText(value);
      event.stopPropagation();
    }
  };
  const shared = {
    "aria-label": label,
    size: "xs",
    value: text,
    spellCheck: false,
    autoComplete: "off",
    onBlur: commit,
    onKeyDown: press,
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(error === undefined ? {} : { error }),
    ...(id === undefined ? {} : { id }),
    ...(className === undefined ? {} : { className }),
  };
  if (rows === undefined)
    return (
      <TextInput
        {...shared}
        {...(list === undefined ? {} : { list })}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
    );
  return <Textarea {...shared} rows={rows} onChange={({ currentTarget }) => setText(currentTarget.value)} />;
}
