import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { ChosenPasswordFields, isChosen, NOT_CHOSEN } from "./ChosenPassword.tsx";
import { changePassword } from "./sign-in-api.ts";
import { SignInCard } from "./SignInCard.tsx";

/**
 * The step after a sign-in with the generated password: asks for a password of the user's own. The user is signed in
 * already, and may go on without it.
 */
export default function OwnPasswordStep({ generated, onDone }: { generated: string; onDone: () => void }) {
  const [password, setPassword] = useState(NOT_CHOSEN);
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: () => changePassword(generated, password.text),
    onSuccess: onDone,
  });
  const isReady = isChosen(password) && !isPending && !isSuccess;
  return (
    <SignInCard title="Choose your own password" error={error} onSubmit={() => isReady && mutate()}>
      <Text size="sm">
        You have signed in with the password of the first start, which is also in a file on the server. The file is
        removed when you change the password.
      </Text>
      <ChosenPasswordFields label="New password" value={password} onChange={setPassword} />
      <Button type="submit" loading={isPending || isSuccess} disabled={!isChosen(password)}>
        Change the password
      </Button>
      <Button variant="subtle" disabled={isPending || isSuccess} onClick={onDone}>
        Not now
      </Button>
    </SignInCard>
  );
}
