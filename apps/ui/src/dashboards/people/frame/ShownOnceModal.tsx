import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { CopyField } from "../../share/CopyField.tsx";

/** Shows a text that cannot be shown again. The dialog closes only with its button. */
export function ShownOnceModal({
  title,
  icon: ShownIcon,
  label,
  value,
  action,
  onClose,
  children,
}: {
  title: string;
  icon: Icon;
  /** Name of the text. */
  label: string;
  value: string;
  /** Label of the button, with which the user confirms the copy. */
  action: string;
  onClose: () => void;
  /** The sentences above the text. */
  children: ReactNode;
}) {
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="sm">
        <Alert variant="light" color="yellow" py="xs" icon={<ShownIcon size={18} />}>
          {children}
        </Alert>
        <CopyField label={label} value={value} />
        <Group justify="flex-end">
          <Button onClick={onClose}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
