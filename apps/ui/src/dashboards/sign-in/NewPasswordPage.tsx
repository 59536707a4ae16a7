import { Anchor, Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { ChosenPasswordFields, isChosen, NOT_CHOSEN } from "./ChosenPassword.tsx";
import { resetPassword } from "./sign-in-api.ts";
import { SignInCard } from "./SignInCard.tsx";

/** Page that sets a new password. Its address, from a mail, contains a code that identifies the user. */
export default function NewPasswordPage() {
  const [params] = useSearchParams();
  const code = params.get("code") ?? "";
  const [password, setPassword] = useState(NOT_CHOSEN);
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: () => resetPassword(code, password.text),
    onSettled: () => setPassword(NOT_CHOSEN),
  });
  const isReady = isChosen(password);
  if (isSuccess)
    return (
      <SignInCard title="The password was changed">
        <Text size="sm" role="status">
          All earlier sessions have ended. Sign in with the new password.
        </Text>
        <Button component={Link} to="/login">
          Sign in
        </Button>
      </SignInCard>
    );
  return (
    <SignInCard title="Choose a new password" error={error} onSubmit={() => isReady && mutate()}>
      <ChosenPasswordFields label="New password" value={password} onChange={setPassword} />
      <Button type="submit" loading={isPending} disabled={!isReady}>
        Change the password
      </Button>
      <Anchor component={Link} to="/user/password/send-reset-email" size="sm" ta="center">
        Request another mail
      </Anchor>
    </SignInCard>
  );
}
