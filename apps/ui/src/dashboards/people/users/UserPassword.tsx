import { useState } from "react";
import { ChosenPasswordFields, isChosen, NOT_CHOSEN } from "../../sign-in/ChosenPassword.tsx";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { setPassword, type UserDetails, usersKey } from "./users-api.ts";

/** Section in which an admin sets a user's password. The change ends the user's sessions. */
export function UserPassword({ user: { id } }: { user: UserDetails }) {
  const [password, setText] = useState(NOT_CHOSEN);
  const change = useChange(() => setPassword(id, password.text), [usersKey], {
    done: "The password was set",
    after: () => setText(NOT_CHOSEN),
  });
  return (
    <Section title="Password" about="A new password ends the sessions of the user.">
      <SaveForm label="Password" action="Set password" isReady={isChosen(password)} change={change}>
        <ChosenPasswordFields
          label="New password"
          repeatLabel="Repeat the new password"
          value={password}
          onChange={setText}
        />
      </SaveForm>
    </Section>
  );
}
