import { TextInput } from "@mantine/core";
import { useDraft } from "../../../shell/use-draft.ts";

/** A text that becomes a change when its field is left or Enter is pressed, and only while it makes sense. */
export function CommittedText(props: {
  label: string;
  description?: string;
  value: string;
  /** What is wrong with a text, as a sentence. */
  problemOf: (text: string) => string | undefined;
  onCommit: (text: string) => void;
}) {
  const { label, description, value, problemOf, onCommit } = props;
  const [text, setText] = useDraft(value);
  const problem = problemOf(text.trim());
  const commit = (): void => {
    if (problem === undefined && text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextInput
      label={label}
      {...(description === undefined ? {} : { description })}
      value={text}
      error={problem}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === "Enter") commit();
      }}
    />
  );
}
