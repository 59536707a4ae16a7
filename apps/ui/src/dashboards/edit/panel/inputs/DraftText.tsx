import { Textarea, TextInput } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { useDraft } from "../../../../shell/use-draft.ts";

interface DraftTextProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Number of lines; default 1. */
  readonly rows?: number;
  /** Error message below the field if the last text was refused. */
  readonly error?: string | undefined;
  /**
   * Returns an error message for an invalid text. The message is shown while the user types, and an invalid text is not
   * applied.
   */
  readonly problemOf?: (text: string) => string | undefined;
  /** Id of a `datalist` element with suggestions. */
  readonly list?: string;
  readonly id?: string;
  readonly onCommit: (text: string) => void;
  readonly className?: string;
  /**
   * Whether the field has a visible label and its text is trimmed. By default the surrounding row shows the label, and
   * the field's own label is only for screen readers.
   */
  readonly isLabelled?: boolean;
  readonly description?: string;
}

/** A text field whose value is applied when the user leaves it or presses Enter. Escape restores the old value. */
export function DraftText(props: DraftTextProps) {
  const { label, value, placeholder, rows, error, problemOf, list, id, onCommit, className } = props;
  const [text, setText] = useDraft(value);
  const problem = problemOf?.(text.trim());
  const message = problem ?? error;
  const taken = props.isLabelled === true ? text.trim() : text;
  const commit = (): void => {
    if (taken !== value && problem === undefined) onCommit(taken);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (rows === undefined || event.ctrlKey || event.metaKey)) commit();
    else if (event.key === "Escape" && text !== value) {
      setText(value);
      event.stopPropagation();
    }
  };
  const shared = {
    ...(props.isLabelled === true ? { label } : { "aria-label": label, size: "xs" }),
    value: text,
    spellCheck: false,
    autoComplete: "off",
    onBlur: commit,
    onKeyDown: press,
    ...(props.description === undefined ? {} : { description: props.description }),
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(message === undefined ? {} : { error: message }),
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
