import { PasswordInput } from "@mantine/core";

/** A new password, entered twice. */
export interface ChosenPassword {
  readonly text: string;
  readonly repeated: string;
}

export const NOT_CHOSEN: ChosenPassword = { text: "", repeated: "" };

/** Reports whether the two entered passwords are equal and not empty. The server checks the password rules. */
export const isChosen = ({ text, repeated }: ChosenPassword): boolean => text !== "" && text === repeated;

/** Two fields for a new password. */
export function ChosenPasswordFields({
  label,
  repeatLabel = "Repeat the password",
  value,
  onChange,
}: {
  label: string;
  /** Label of the field for the repeated password. */
  repeatLabel?: string;
  value: ChosenPassword;
  onChange: (next: ChosenPassword) => void;
}) {
  const { text, repeated } = value;
  return (
    <>
      <PasswordInput
        label={label}
        autoComplete="new-password"
        value={text}
        onChange={({ currentTarget }) => onChange({ ...value, text: currentTarget.value })}
      />
      <PasswordInput
        label={repeatLabel}
        autoComplete="new-password"
        value={repeated}
        error={repeated !== "" && repeated !== text ? "The passwords differ" : undefined}
        onChange={({ currentTarget }) => onChange({ ...value, repeated: currentTarget.value })}
      />
    </>
  );
}
