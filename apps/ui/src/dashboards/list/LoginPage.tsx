import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { pathBack } from "./path-back.ts";
import { signIn } from "../data/dashboard-api.ts";
import { ForgottenPasswordLink } from "../sign-in/ForgottenPasswordLink.tsx";
import { ProviderButtons } from "../sign-in/ProviderButtons.tsx";
import { refusedSignIn } from "../sign-in/refused-sign-in.ts";
import { useSignInOptions } from "../sign-in/sign-in-api.ts";
import { SignInCard } from "../sign-in/SignInCard.tsx";

/** Asks for user name and password, then opens the page that the user wanted. */
export default function LoginPage({ onSignedIn = leaveFor }: { onSignedIn?: (path: string) => void }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: () => signIn(user, password),
    onSuccess: onSignedIn,
    onError: () => setPassword(""),
  });
  const [query] = useSearchParams();
  const hasForm = useSignInOptions()?.hasForm !== false;
  return (
    <SignInCard
      title="Sign in"
      error={error ?? refusedSignIn(query) ?? null}
      onSubmit={() => user !== "" && password !== "" && mutate()}
    >
      {hasForm && (
        <>
          <TextInput
            label="Email or user name"
            name="user"
            autoComplete="username"
            autoCapitalize="none"
            data-autofocus
            value={user}
            onChange={({ currentTarget }) => setUser(currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          <Button type="submit" loading={isPending || isSuccess} disabled={user === "" || password === ""}>
            Sign in
          </Button>
        </>
      )}
      <ProviderButtons />
      <ForgottenPasswordLink />
    </SignInCard>
  );
}

/**
 * Loads the page in the URL parameter `redirectTo`, otherwise the given path. A full page load is needed, because
 * current data was requested for an anonymous user.
 */
const leaveFor = (path: string): void => location.assign(pathBack(location.search) ?? path);
