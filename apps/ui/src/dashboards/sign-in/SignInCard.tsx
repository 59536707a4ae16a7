import "../styles/mantine.css";
import { Center, Paper, Stack, Title } from "@mantine/core";
import type { ReactNode, SyntheticEvent } from "react";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import { SignInError } from "./SignInError.tsx";

/** A small form in the middle of a page, for people who are not signed in. */
export function SignInCard({
  title,
  error = null,
  onSubmit = () => undefined,
  children,
}: {
  title: string;
  /** Error of the last submission, or a message for the user. */
  error?: Error | string | null;
  onSubmit?: () => void;
  children: ReactNode;
}) {
  usePageTitle(title);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <Center py="xl">
      <Paper component="form" withBorder p="lg" w="min(380px, 100%)" onSubmit={submit} aria-label={title} noValidate>
        <Stack gap="sm">
          <Title order={1} size="h3">
            {title}
          </Title>
          {error !== null && <SignInError error={error} />}
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
