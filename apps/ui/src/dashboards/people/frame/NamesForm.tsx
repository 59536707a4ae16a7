import { TextInput } from "@mantine/core";
import type { QueryKey } from "@tanstack/react-query";
import { useState } from "react";
import { SaveForm } from "./SaveForm.tsx";
import { useChange } from "./use-change.ts";

/** The names of a user. */
export interface Names {
  readonly login: string;
  readonly name: string;
  readonly email: string;
}

/** The form for the name, login and email address of a user. */
export function NamesForm({
  saved,
  save,
  keys,
}: {
  saved: Names;
  save: (names: Names) => Promise<unknown>;
  /** Query cache keys of the data that contains the user's names, which is requested again after a change. */
  keys: readonly QueryKey[];
}) {
  const [{ login, name, email }, setNames] = useState<Names>(saved);
  const names: Names = { login: login.trim(), name: name.trim(), email: email.trim() };
  const change = useChange(() => save(names), keys, { done: "The names were saved" });
  const isChanged = names.login !== saved.login || names.name !== saved.name || names.email !== saved.email;
  const set = (part: Partial<Names>): void => setNames((before) => ({ ...before, ...part }));
  return (
    <SaveForm label="Names" isReady={isChanged && names.login !== ""} change={change}>
      <TextInput label="Name" value={name} onChange={({ currentTarget }) => set({ name: currentTarget.value })} />
      <TextInput
        label="Email"
        type="email"
        value={email}
        onChange={({ currentTarget }) => set({ email: currentTarget.value })}
      />
      <TextInput
        label="User name"
        description="The name for signing in"
        autoCapitalize="none"
        value={login}
        onChange={({ currentTarget }) => set({ login: currentTarget.value })}
      />
    </SaveForm>
  );
}
