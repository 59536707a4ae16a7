import { Anchor, Button, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { requestReset } from "./sign-in-api.ts";
import { SignInCard } from "./SignInCard.tsx";

/** Page that asks for a login or email address. The server then sends a mail with a link for a new password. */
export default function LostPasswordPage() {
  const [name, setName] = useState("");
  const { mutate, error, isPending, isSuccess } = useMutation({ mutationFn: () => requestReset(name.trim()) });
  const isReady = name.trim() !== "";
  return (
    <SignInCard title="Reset your password" error={error} onSubmit={() => isReady && !isSuccess && mutate()}>
      {isSuccess ? (
        <Text size="sm" role="status">
          If a user has this name or address, a mail with a link for a new password is on its way. The link is valid for
          two hours.
        </Text>
      ) : (
        <>
          <TextInput
            label="Email or user name"
            name="user"
            autoComplete="username"
            autoCapitalize="none"
            data-autofocus
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={isPending} disabled={!isReady}>
            Send the mail
          </Button>
        </>
      )}
      <Anchor component={Link} to="/login" size="sm" ta="center">
        Back to the sign-in
      </Anchor>
    </SignInCard>
  );
}
