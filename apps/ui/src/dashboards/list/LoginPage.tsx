import "../styles/mantine.css";
import { Alert, Button, Center, Paper, PasswordInput, Stack, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { useSearchParams } from "react-router";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { pathBack } from "./path-back.ts";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import { signIn } from "../data/dashboard-api.ts";
import { ForgottenPasswordLink } from "../sign-in/ForgottenPasswordLink.tsx";
import { ProviderButtons } from "../sign-in/ProviderButtons.tsx";
import { refusedSignIn } from "../sign-in/refused-sign-in.ts";
import { useSignInOptions } from "../sign-in/sign-in-api.ts";

/** Asks for user name and password, then opens the page that the user wanted. */
export default function LoginPage({ onSignedIn = leaveFor }: { onSignedIn?: (path: string) => void }) {
  usePageTitle("Sign in");
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: () => signIn(user, password),
    onSuccess: onSignedIn,
    onError: () => setPassword(""),
  });
  const [query] = useSearchParams();
  const hasForm = useSignInOptions()?.hasForm !== false;
  const problem = error === null ? refusedSignIn(query) : errorSentence(error);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (user !== "" && password !== "") mutate();
  };
  return (
    <Center py="xl">
      <Paper component="form" withBorder p="lg" w="min(380px, 100%)" onSubmit={submit} aria-label="Sign in">
        <Stack gap="sm">
          <Title order={1} size="h3">
            Sign in
          </Title>
          {problem !== undefined && (
            <Alert color="red" variant="light" py="xs" role="alert" icon={<IconAlertTriangle size={18} />}>
              {problem}
            </Alert>
          )}
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
        </Stack>
      </Paper>
    </Center>
  );
}

/**
 * Loads the page in the URL parameter `redirectTo`, otherwise the given path. A full page load is needed, because
 * current data was requested for an anonymous user.
 */
const leaveFor = (path: string): void => location.assign(pathBack(location.search) ?? path);
