import { useState } from "react";
import { isRepeated, NO_PASSWORD, PasswordFields } from "../frame/PasswordFields.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { setPassword, type UserDetails, usersKey } from "./users-api.ts";

/** Sets a user's password, which ends the user's sessions. */
export function UserPassword({ user: { id } }: { user: UserDetails }) {
  const [password, setText] = useState(NO_PASSWORD);
  const change = useChange(() => setPassword(id, password.text), [usersKey], {
    done: "The password was set",
    after: () => setText(NO_PASSWORD),
  });
  return (
    <Section title="Password" about="A new password ends the sessions of the user.">
      <SaveForm label="Password" action="Set password" isReady={isRepeated(password)} change={change}>
        <PasswordFields value={password} onChange={setText} />
      </SaveForm>
    </Section>
  );
}
