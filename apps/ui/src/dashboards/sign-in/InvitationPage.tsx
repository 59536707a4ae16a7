import { Button, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { ApiError } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { ChosenPasswordFields, isChosen, NOT_CHOSEN } from "./ChosenPassword.tsx";
import { acceptInvitation, fetchInvitation, type Invitation } from "./sign-in-api.ts";
import { SignInCard } from "./SignInCard.tsx";

/** Page that an invitation mail links to. The invited person chooses a login and a password. */
export default function InvitationPage({ onAccepted = openStart }: { onAccepted?: () => void }) {
  const { code = "" } = useParams();
  const { data, error, refetch } = useQuery({
    queryKey: ["invitation", code],
    queryFn: ({ signal }) => fetchInvitation(code, signal),
    staleTime: Infinity,
  });
  if (error instanceof ApiError && error.status === 404) return <NoInvitation />;
  if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingMessage label="Loading the invitation" />;
  return <AcceptForm code={code} invitation={data} onAccepted={onAccepted} />;
}

/** Loads the start page. A full page load is needed, because the cached data was requested for an anonymous user. */
const openStart = (): void => location.assign(`${rootPath}/`);

const NoInvitation = () => (
  <SignInCard title="The invitation is not valid">
    <Text size="sm">It was accepted already, was revoked, or has expired. Ask for another invitation.</Text>
    <Button component={Link} to="/login" variant="default">
      Sign in
    </Button>
  </SignInCard>
);

function AcceptForm({
  code,
  invitation,
  onAccepted,
}: {
  code: string;
  invitation: Invitation;
  onAccepted: () => void;
}) {
  const [{ name, email, username }, setNames] = useState<Omit<Invitation, "invitedBy">>(invitation);
  const [password, setPassword] = useState(NOT_CHOSEN);
  const accept = useMutation({
    mutationFn: () =>
      acceptInvitation(code, {
        name: name.trim(),
        email: email.trim(),
        username: username.trim(),
        password: password.text,
      }),
    onSuccess: onAccepted,
  });
  const isReady = username.trim() !== "" && isChosen(password);
  const set = (part: Partial<Invitation>): void => setNames((before) => ({ ...before, ...part }));
  return (
    <SignInCard title="Welcome" error={accept.error} onSubmit={() => isReady && accept.mutate()}>
      <Text size="sm">{invitation.invitedBy} has invited you. Choose your user name and password.</Text>
      <TextInput
        label="Email"
        type="email"
        autoComplete="email"
        value={email}
        onChange={({ currentTarget }) => set({ email: currentTarget.value })}
      />
      <TextInput
        label="Name"
        autoComplete="name"
        value={name}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
      />
      <TextInput
        label="User name"
        description="The name for signing in"
        autoComplete="username"
        autoCapitalize="none"
        value={username}
        onChange={({ currentTarget }) => set({ username: currentTarget.value })}
      />
      <ChosenPasswordFields label="Password" value={password} onChange={setPassword} />
      <Button type="submit" loading={accept.isPending || accept.isSuccess} disabled={!isReady}>
        Accept the invitation
      </Button>
    </SignInCard>
  );
}
