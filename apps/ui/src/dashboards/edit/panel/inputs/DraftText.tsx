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
  /** What is wrong with a text, as a sentence: it is said while the text is written, and such a text is not taken. */
  readonly problemOf?: (text: string) => string | undefined;
  /** What the text is chosen from, besides what is typed. */
  readonly list?: string;
  readonly id?: string;
  readonly onCommit: (text: string) => void;
  readonly className?: string;
  /** Whether the label stands above it, in a form of lines without blanks around them; absent: it is told to those alone who do not see the row around it. */
  readonly isLabelled?: boolean;
  readonly description?: string;
}

/** A text that is taken when its field is left, or with Enter; Escape takes it back. */
export function DraftText(props: DraftTextProps) {
  const { label, value, placeholder, rows, error, problemOf, list, id, onCommit, className } = props;
  const [text, setText] = useDraft(value);
  const problem = problemOf?.(text.trim());
  const said = problem ?? error;
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
    ...(said === undefined ? {} : { error: said }),
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
