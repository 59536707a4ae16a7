import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { ApiError } from "../../api/request.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import { CodeStep } from "../sign-in/CodeStep.tsx";
import { FirstSignIn } from "../sign-in/FirstSignIn.tsx";
import { ForgottenPasswordLink } from "../sign-in/ForgottenPasswordLink.tsx";
import { PasskeyButton } from "../sign-in/PasskeyButton.tsx";
import { ProviderButtons } from "../sign-in/ProviderButtons.tsx";
import { refusedSignIn } from "../sign-in/refused-sign-in.ts";
import { signIn, useSignInOptions } from "../sign-in/sign-in-api.ts";
import { SignInCard } from "../sign-in/SignInCard.tsx";
import { pathBack } from "./path-back.ts";

const OwnPasswordStep = whenLoaded(() => import("../sign-in/OwnPasswordStep.tsx"));

/** Reasons for which the server refuses a sign-in with a correct password. */
const CODE_REQUIRED = "two-step.required";
const WRONG_CODE = "two-step.wrong-code";

/**
 * Asks for user name and password or for a passkey, then opens the page that the user wanted. Users with two-step codes
 * enter a code after the password. Users with the generated password of the first start are asked for an own one.
 */
export default function LoginPage({ onSignedIn = leaveFor }: { onSignedIn?: (path: string) => void }) {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [isAtCode, setAtCode] = useState(false);
  const [wasAtCode, setWasAtCode] = useState(false);
  // The page to open after the user was asked for an own password.
  const [next, setNext] = useState<string>();
  const { mutate, error, isPending, isSuccess, reset } = useMutation({
    mutationFn: (code?: string) => signIn({ user, password, ...(code === undefined ? {} : { code }) }),
    onSuccess({ path, hasGeneratedPassword }) {
      if (hasGeneratedPassword) setNext(path);
      else onSignedIn(path);
    },
    onError(failure) {
      const reason = failure instanceof ApiError ? failure.messageId : undefined;
      const needsCode = reason === CODE_REQUIRED || reason === WRONG_CODE;
      // Keeps the typed code if the server has not checked it, so that the same code can be sent again.
      if (isAtCode && !isRefused(failure)) return;
      setAtCode(needsCode);
      if (needsCode) setWasAtCode(true);
      if (!needsCode) setPassword("");
    },
  });
  const [query] = useSearchParams();
  const hasForm = useSignInOptions()?.hasForm !== false;
  const isBusy = isPending || isSuccess;
  if (next !== undefined) return <OwnPasswordStep generated={password} onDone={() => onSignedIn(next)} />;
  if (isAtCode) {
    const back = (): void => {
      setAtCode(false);
      reset();
    };
    return <CodeStep error={isRequest(error) ? null : error} isBusy={isBusy} onCode={mutate} onBack={back} />;
  }
  return (
    <SignInCard
      title="Sign in"
      error={error ?? refusedSignIn(query) ?? null}
      onSubmit={() => user !== "" && password !== "" && mutate(undefined)}
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
            ref={wasAtCode ? focusField : null}
            label="Password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          />
          <Button type="submit" loading={isBusy} disabled={user === "" || password === ""}>
            Sign in
          </Button>
        </>
      )}
      <PasskeyButton onSignedIn={onSignedIn} />
      <ProviderButtons />
      <ForgottenPasswordLink />
      {hasForm && <FirstSignIn />}
    </SignInCard>
  );
}

/** Gives the focus to a field that was added to the page, because the field that had the focus is gone. */
const focusField = (field: HTMLInputElement | null): void => field?.focus();

/** Reports whether the server accepted the password and asks for a two-step code. */
const isRequest = (error: Error | null): boolean => error instanceof ApiError && error.messageId === CODE_REQUIRED;

const isRefused = (error: Error): boolean => error instanceof ApiError && error.status === 401;

/**
 * Loads the page in the URL parameter `redirectTo`, otherwise the given path. A full page load is needed, because the
 * cached data was requested for an anonymous user.
 */
const leaveFor = (path: string): void => location.assign(pathBack(location.search, location.hash) ?? path);
