import { TextInput } from "@mantine/core";
import type { TeamDraft } from "./teams-api.ts";

/** Fields for the name and the email address of a team. */
export function TeamFields({
  value: { name, email },
  onChange,
}: {
  value: TeamDraft;
  onChange: (next: TeamDraft) => void;
}) {
  return (
    <>
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value, email })}
      />
      <TextInput
        label="Email"
        description="An address of the whole team; optional"
        type="email"
        value={email}
        onChange={({ currentTarget }) => onChange({ name, email: currentTarget.value })}
      />
    </>
  );
}

export const trimmed = ({ name, email }: TeamDraft): TeamDraft => ({ name: name.trim(), email: email.trim() });
