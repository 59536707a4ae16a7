import "../styles/mantine.css";
import { Alert, Center, Paper, Stack, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode, SyntheticEvent } from "react";
import { usePageTitle } from "../../shell/PageHeader.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";

/** A small form in the middle of a page, for people who are not signed in. */
export function SignInCard({
  title,
  error = null,
  onSubmit = () => undefined,
  children,
}: {
  title: string;
  /** Error of the last submission, or a sentence for the user. */
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
          {error !== null && (
            <Alert color="red" variant="light" py="xs" role="alert" icon={<IconAlertTriangle size={18} />}>
              {typeof error === "string" ? error : errorSentence(error)}
            </Alert>
          )}
          {children}
        </Stack>
      </Paper>
    </Center>
  );
}
