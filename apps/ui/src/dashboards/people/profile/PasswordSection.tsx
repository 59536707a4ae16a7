import { PasswordInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ChosenPasswordFields, isChosen, NOT_CHOSEN } from "../../sign-in/ChosenPassword.tsx";
import { changePassword } from "../../sign-in/sign-in-api.ts";
import { SaveForm } from "../frame/SaveForm.tsx";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { profileKey, profileQuery } from "./profile-api.ts";

/** Changes the user's own password. */
export function PasswordSection() {
  const [old, setOld] = useState("");
  const [password, setPassword] = useState(NOT_CHOSEN);
  const change = useChange(() => changePassword(old, password.text), [profileKey], {
    done: "The password was changed",
    after: () => {
      setOld("");
      setPassword(NOT_CHOSEN);
    },
  });
  const { authLabels = [] } = useQuery(profileQuery).data ?? {};
  const elsewhere = `You sign in with ${authLabels.join(", ")}. This form changes only a password of this server.`;
  return (
    <Section
      title="Password"
      about={`${authLabels.length === 0 ? "" : elsewhere} After the change, your other sessions end.`}
    >
      <SaveForm label="Password" action="Change password" isReady={old !== "" && isChosen(password)} change={change}>
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          value={old}
          onChange={({ currentTarget }) => setOld(currentTarget.value)}
        />
        <ChosenPasswordFields
          label="New password"
          repeatLabel="Repeat the new password"
          value={password}
          onChange={setPassword}
        />
      </SaveForm>
    </Section>
  );
}
