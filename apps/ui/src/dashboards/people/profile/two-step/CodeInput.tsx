import { TextInput } from "@mantine/core";

/** Field for a code that the authenticator app shows. */
export function CodeInput({
  label,
  isFirst = false,
  value,
  onChange,
}: {
  label: string;
  /** Whether the field gets the focus when its dialog opens. */
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
