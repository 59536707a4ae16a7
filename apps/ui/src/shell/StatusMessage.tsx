import { Alert, Button, Center, Group, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconPlant2 } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ApiError } from "../api/request.ts";

/** Returns the message of a thrown value, which need not be an Error. */
export function errorSentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errorKind(error: ApiError): string {
  return error.type === "http" ? `HTTP ${error.status}` : error.type.replaceAll("_", " ");
}

/** Shows why a request failed. Has a retry button if `onRetry` is given. */
export function ErrorMessage({
  error,
  title,
  retry = "Try again",
  onRetry,
  isPast = false,
  children,
}: {
  error: unknown;
  title?: string;
  /** Whether the error belongs to an earlier request. Such an error is less prominent. */
  isPast?: boolean;
  /** Remedies, below the message. */
  children?: ReactNode;
  /** Label of the retry button. */
  retry?: string;
  onRetry?: () => void;
}) {
  const kind = error instanceof ApiError ? errorKind(error) : "error";
  return (
    <Alert
      color={isPast ? "gray" : "red"}
      variant="light"
      icon={<IconAlertTriangle size={18} />}
      title={title ?? `Request failed (${kind})`}
    >
      <Group justify="space-between" align="flex-start" wrap="wrap">
        <Text size="sm" className="wrap-anywhere">
          {errorSentence(error)}
        </Text>
        {onRetry !== undefined && (
          <Button size="xs" variant="light" color="red" onClick={onRetry}>
            {retry}
          </Button>
        )}
      </Group>
      {children}
    </Alert>
  );
}

/** Shows warnings of a query result or, less prominently, its infos. */
export function QueryAnnotations({ texts, level }: { texts: readonly string[]; level: "warning" | "info" }) {
  if (texts.length === 0) return null;
  const warning = level === "warning";
  return (
    <Alert
      color={warning ? "red" : "yellow"}
      variant="light"
      py="xs"
      icon={warning ? <IconAlertTriangle size={18} /> : <IconInfoCircle size={18} />}
      title={warning ? "Query warning" : "Query notice"}
    >
      {texts.map((text) => (
        <Text size="sm" key={text} className="wrap-anywhere">
          {text}
        </Text>
      ))}
    </Alert>
  );
}

/** Message that there is no data to show. The content below explains what the user can do. */
export function EmptyMessage({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center py="xl" px="md">
      <Stack align="center" gap={6} maw={520}>
        <IconPlant2 size={30} stroke={1.3} color="var(--mantine-color-dimmed)" aria-hidden="true" />
        <Text fw={600}>{title}</Text>
        {children !== undefined && (
          <Text size="sm" c="dimmed" ta="center" component="div">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

/** Shows that a page or a part of it is loading data. */
export function LoadingMessage({ label = "Loading" }: { label?: string }) {
  return (
    <Center py="xl" role="status">
      <Group gap="sm">
        <Loader size="sm" type="dots" />
        <Text size="sm" c="dimmed">
          {label}…
        </Text>
      </Group>
    </Center>
  );
}
