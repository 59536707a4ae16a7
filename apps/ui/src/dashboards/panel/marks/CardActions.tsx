import { Button, Group, Text } from "@mantine/core";
import type { ReactNode, Ref } from "react";

interface CardActionsProps {
  readonly error?: Error | null;
  readonly cancel?: string;
  readonly cancelRef?: Ref<HTMLButtonElement>;
  readonly onCancel: () => void;
  /** Label of the button that submits the form. */
  readonly children: ReactNode;
}

/** The submit and cancel buttons below a form in the annotation card. */
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
