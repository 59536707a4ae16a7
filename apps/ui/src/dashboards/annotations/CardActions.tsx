import { Button, Group, Text } from "@mantine/core";
import type { ReactNode, Ref } from "react";

interface CardActionsProps {
  /** Why it could not be done. */
  readonly error?: Error | null;
  /** What takes it back. */
  readonly cancel?: string;
  readonly cancelRef?: Ref<HTMLButtonElement>;
  readonly onCancel: () => void;
  /** The button that does it. */
  readonly children: ReactNode;
}

/** What ends something that is done in the card of annotations. */
export function CardActions({ error = null, cancel = "Cancel", cancelRef, onCancel, children }: CardActionsProps) {
  return (
    <>
      {error !== null && (
        <Text size="sm" c="var(--promql-invalid)" role="alert">
          {error.message}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        <Button ref={cancelRef} size="xs" variant="default" onClick={onCancel}>
          {cancel}
        </Button>
        {children}
      </Group>
    </>
  );
}
