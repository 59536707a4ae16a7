import { Anchor, Button, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { SignInCard } from "./SignInCard.tsx";

/** The second step of a sign-in: asks for a code of the user's authenticator app. */
export function CodeStep({
  error,
  isBusy,
  onCode,
  onBack,
}: {
  /** Why the last code was refused; null if no code was. */
  error: Error | null;
  isBusy: boolean;
  onCode: (code: string) => void;
  onBack: () => void;
}) {
  const [code, setCode] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    // Selects the refused code, so that the next input replaces it. The user can also correct a typing error in it.
    if (error !== null) field.current?.select();
  }, [error]);
  const isReady = code.trim() !== "";
  return (
    <SignInCard title="Enter your code" error={error} onSubmit={() => isReady && !isBusy && onCode(code.trim())}>
      <TextInput
        ref={field}
        label="Code from your authenticator app, or a recovery code"
        name="code"
        autoComplete="one-time-code"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        value={code}
        onChange={({ currentTarget }) => setCode(currentTarget.value)}
      />
      <Button type="submit" loading={isBusy} disabled={!isReady}>
        Sign in
      </Button>
      <Anchor component="button" type="button" size="sm" ta="center" onClick={onBack}>
        Back
      </Anchor>
    </SignInCard>
  );
}
