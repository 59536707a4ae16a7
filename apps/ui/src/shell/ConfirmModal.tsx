import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";

/** Asks before something that cannot be undone; the safe answer has the focus. */
export function ConfirmModal({
  title,
  action,
  children,
  onConfirm,
  onClose,
}: {
  title: string;
  /** Word on the button that does it. */
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
