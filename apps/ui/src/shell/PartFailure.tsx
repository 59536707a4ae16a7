import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useEffect } from "react";
import { isOfMissingFile, reloadOnce } from "./missing-files.ts";
import { ErrorMessage, errorSentence } from "./StatusMessage.tsx";

/** The error of a part of the page that could not be drawn. */
export function PartFailure({
  error,
  title,
  isPage = false,
  onRetry,
}: {
  error: unknown;
  title: string;
  /** Whether the part is the whole page, which is loaded again if its files are missing. */
  isPage?: boolean;
  onRetry: () => void;
}) {
  if (isOfMissingFile(error)) return <MissingFiles error={error} isPage={isPage} />;
  return <ErrorMessage error={error} title={title} onRetry={onRetry} />;
}

function MissingFiles({ error, isPage }: { error: unknown; isPage: boolean }) {
  useEffect(() => {
    if (isPage) void reloadOnce(error);
  }, [isPage, error]);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title="Files of this page could not be loaded"
    >
      <Group justify="space-between" align="flex-start" wrap="wrap">
        <Text size="sm" className="wrap-anywhere">
          Narthex was updated, or its server does not answer. {errorSentence(error)}
        </Text>
        <Button size="xs" variant="light" color="red" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </Group>
    </Alert>
  );
}
