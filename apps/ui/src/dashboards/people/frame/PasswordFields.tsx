import { PasswordInput } from "@mantine/core";

/** A new password, entered twice. */
export interface NewPassword {
  readonly text: string;
  readonly repeated: string;
}

export const NO_PASSWORD: NewPassword = { text: "", repeated: "" };

/** Reports whether both entries are the same and not empty. The server checks the rules for passwords. */
export const isRepeated = ({ text, repeated }: NewPassword): boolean => text !== "" && text === repeated;

export function PasswordFields({ value, onChange }: { value: NewPassword; onChange: (next: NewPassword) => void }) {
  const { text, repeated } = value;
  return (
    <>
      <PasswordInput
        label="New password"
        autoComplete="new-password"
        value={text}
        onChange={({ currentTarget }) => onChange({ ...value, text: currentTarget.value })}
      />
      <PasswordInput
        label="Repeat the new password"
        autoComplete="new-password"
        value={repeated}
        error={repeated !== "" && repeated !== text ? "The passwords differ" : undefined}
        onChange={({ currentTarget }) => onChange({ ...value, repeated: currentTarget.value })}
      />
    </>
  );
}
