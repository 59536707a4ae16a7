import { Button, Text } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { PasskeyError } from "./passkey-dialog.ts";
import { signInWithPasskey, useSignInOptions } from "./sign-in-api.ts";
import { SignInError } from "./SignInError.tsx";

/** Button that signs in with a passkey. Hidden unless the server and the browser support passkeys at this address. */
export function PasskeyButton({ onSignedIn }: { onSignedIn: (path: string) => void }) {
  const { mutate, error, isPending, isSuccess } = useMutation({ mutationFn: signInWithPasskey, onSuccess: onSignedIn });
  if (useSignInOptions()?.hasPasskeys !== true) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconFingerprint size={18} aria-hidden />}
        loading={isPending || isSuccess}
        onClick={() => mutate()}
      >
        Sign in with a passkey
      </Button>
      {error instanceof PasskeyError && error.isCancelled ? (
        <Text size="sm" c="dimmed" role="status">
          {error.message}
        </Text>
      ) : (
        error !== null && <SignInError error={error} />
      )}
    </>
  );
}
