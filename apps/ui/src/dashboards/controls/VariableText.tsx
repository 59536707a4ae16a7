import { TextInput } from "@mantine/core";
import { useDraft } from "../../shell/use-draft.ts";
import type { VariableControlProps } from "./VariableControls.tsx";

/** Text field for a variable. Enter or leaving the field applies the text; Escape restores the previous text. */
export function VariableText({ state: { current }, label, onChange }: VariableControlProps) {
  const kept = current[0]?.value ?? "";
  const [text, setText] = useDraft(kept);
  const commit = (): void => {
    if (text !== kept) onChange([{ text, value: text }]);
  };
  return (
    <TextInput
      size="xs"
      variant="unstyled"
      px={8}
      aria-label={label}
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={commit}
      onKeyDown={({ key }) => {
        if (key === "Enter") commit();
        if (key === "Escape") setText(kept);
      }}
    />
  );
}
