import { Alert, Button, Group, Modal, Stack } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Dialog that shows secrets once, such as a new key. The user can close it only with its button. */
export function ShownOnceModal({
  title,
  icon: ShownIcon,
  notice,
  action,
  onClose,
  children,
}: {
  title: string;
  icon: Icon;
  /** Explanation above the secrets. */
  notice: ReactNode;
  /** Label of the button with which the user confirms that the secrets are copied. */
  action: string;
  onClose: () => void;
  /** The secrets, with a way to copy them. */
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
          {notice}
        </Alert>
        {children}
        <Group justify="flex-end">
          <Button onClick={onClose}>{action}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
