import { Alert, Anchor, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useLocation } from "react-router";
import { ApiError } from "../../../api/request.ts";
import { rootPath } from "../../../api/root-path.ts";
import { ErrorMessage, errorSentence } from "../../../shell/StatusMessage.tsx";

/**
 * Shows why the server refused a change. If the server requires a recent sign-in, the message links to the sign-in
 * page.
 */
export function ChangeError({
  error,
  title,
  open,
}: {
  error: Error;
  title?: string;
  /** Function that opens an address of this server in the browser. */
  open?: (address: string) => void;
}) {
  if (error instanceof ApiError && error.messageId === "sign-in.not-recent")
    return <OldSignIn {...(open === undefined ? {} : { open })} />;
  return <ErrorMessage error={error} {...(title === undefined ? {} : { title })} />;
}

function OldSignIn({ open = (address) => location.assign(address) }: { open?: (address: string) => void }) {
  const { pathname } = useLocation();
  const { mutate, error, isPending, isSuccess } = useMutation({
    mutationFn: signOut,
    onSuccess: () => open(`${rootPath}/login?${new URLSearchParams({ redirectTo: pathname })}`),
  });
  return (
    <Alert color="yellow" variant="light" role="alert" icon={<IconLock size={18} />} title="You signed in a while ago">
      <Text size="sm">
        The server makes this change only shortly after a sign-in.{" "}
        <Anchor
          component="button"
          type="button"
          inherit
          underline="always"
          disabled={isPending || isSuccess}
          onClick={() => mutate()}
        >
          Sign out and in again
        </Anchor>
        , then you are back on this page.
      </Text>
      {error !== null && <Text size="sm">You are not signed out: {errorSentence(error)}</Text>}
    </Alert>
  );
}

/**
 * Ends the user's session. The browser does not follow the redirect in the response, which leads to the sign-in page or
 * to another site.
 */
async function signOut(): Promise<void> {
  const answer = await fetch(`${rootPath}/logout`, { redirect: "manual", cache: "no-store" });
  if (answer.type !== "opaqueredirect") throw new Error(`HTTP status ${answer.status}`);
}
