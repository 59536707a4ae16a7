import { PasswordInput, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { FormModal } from "../frame/FormModal.tsx";
import { OpenButton } from "../frame/OpenButton.tsx";
import { RoleSelect } from "../frame/RoleSelect.tsx";
import { useChange } from "../frame/use-change.ts";
import { addUser, type UserDraft, usersKey } from "./users-api.ts";

const EMPTY: UserDraft = { login: "", name: "", email: "", password: "", role: "Viewer" };

/** The button that opens the form for a new user. */
export const AddUser = () => (
  <OpenButton label="New user" icon={IconPlus}>
    {(close) => <AddUserModal onClose={close} />}
  </OpenButton>
);

function AddUserModal({ onClose }: { onClose: () => void }) {
  const [{ login, name, email, password, role }, setDraft] = useState(EMPTY);
  const set = (part: Partial<UserDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const change = useChange(
    () => addUser({ login: login.trim(), name: name.trim(), email: email.trim(), password, role }),
    [usersKey],
    { after: onClose },
  );
  const isReady = (login.trim() !== "" || email.trim() !== "") && password !== "";
  return (
    <FormModal title="New user" action="Add user" isReady={isReady} change={change} onClose={onClose}>
      <TextInput
        label="User name"
        description="The name for signing in; without one, the email"
        autoCapitalize="none"
        autoComplete="off"
        data-autofocus
        value={login}
        onChange={({ currentTarget }) => set({ login: currentTarget.value })}
      />
      <TextInput
        label="Name"
        autoComplete="off"
        value={name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <TextInput
        label="Email"
        type="email"
        autoComplete="off"
        value={email}
        onChange={({ currentTarget }) => set({ email: currentTarget.value })}
      />
      <PasswordInput
        label="Password"
        autoComplete="new-password"
        value={password}
        onChange={({ currentTarget }) => set({ password: currentTarget.value })}
      />
      <RoleSelect label="Role" value={role} onChange={(next) => set({ role: next })} />
    </FormModal>
  );
}
