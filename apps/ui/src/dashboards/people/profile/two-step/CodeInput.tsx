import { TextInput } from "@mantine/core";

/** The field for a code of the authenticator app. */
export function CodeInput({
  label,
  isFirst = false,
  value,
  onChange,
}: {
  label: string;
  /** Whether the field has the focus when its dialog opens. */
  isFirst?: boolean;
  value: string;
  onChange: (code: string) => void;
}) {
  return (
    <TextInput
      label={label}
      autoComplete="one-time-code"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      {...(isFirst ? { "data-autofocus": true } : {})}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
