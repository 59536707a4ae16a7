import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Asks for confirmation before an action that cannot be undone. The cancel button has the focus. */
export function ConfirmModal({
  title,
  action,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  /** Label of the button that performs the action. */
  action: string;
  children: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Modal opened onClose={onClose} title={title}>
      <Text size="sm" mb="md" component="div">
        {children}
      </Text>
      <Group justify="flex-end">
        <Button variant="default" data-autofocus onClick={onClose}>
          Cancel
        </Button>
        <Button
          color="red.8"
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
