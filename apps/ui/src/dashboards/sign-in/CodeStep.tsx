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
  /** The error of the last code. */
  error: Error | null;
  isBusy: boolean;
  onCode: (code: string) => void;
  onBack: () => void;
}) {
  const [code, setCode] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    // The next input replaces a refused code. A recovery code with a typing error can be corrected.
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
