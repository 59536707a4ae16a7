import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode, SyntheticEvent } from "react";
import { ChangeError } from "./ChangeError.tsx";

/** A dialog with a form. The error of the last submission is shown above the buttons. */
export function FormModal({
  title,
  action,
  isReady,
  change: { mutate, error, isPending },
  onClose,
  children,
}: {
  title: string;
  /** Label of the button that submits the form. */
  action: string;
  /** Whether all required fields are filled in. */
  isReady: boolean;
  change: { readonly mutate: () => void; readonly error: Error | null; readonly isPending: boolean };
  onClose: () => void;
  children: ReactNode;
}) {
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (isReady) mutate();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form noValidate onSubmit={submit}>
        <Stack gap="sm">
          {children}
          {error !== null && <ChangeError error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={isPending} disabled={!isReady}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
