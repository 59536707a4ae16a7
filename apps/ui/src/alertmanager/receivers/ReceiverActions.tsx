import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconDots, IconPencil, IconStar, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { receiverSetup, type StoredReceiver } from "../../api/receiver-setup.ts";
import { ConfirmModal } from "../../shell/ConfirmModal.tsx";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { useSetupChange } from "./setup-query.ts";

/** A menu with the changes of a receiver in the configuration file. */
export function ReceiverActions({
  receiver: { name, isDefault, isUsed, reason },
  tag,
  onChange,
}: {
  receiver: StoredReceiver;
  /** State of the file. */
  tag: string;
  /** Opens the form; undefined if another button does this. */
  onChange: (() => void) | undefined;
}) {
  const [isDeleting, setDeleting] = useState(false);
  const done = (): void => setDeleting(false);
  const { mutate, isPending, error } = useSetupChange(done);
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More actions for ${name}`} loading={isPending}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {onChange !== undefined && (
            <Menu.Item leftSection={<IconPencil size={14} />} disabled={reason !== undefined} onClick={onChange}>
              Change
              {reason !== undefined && (
                <Text size="xs" maw={240}>
                  {reason}
                </Text>
              )}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconStar size={14} />}
            disabled={isDefault}
            onClick={() => mutate(() => receiverSetup.save({ name, isDefault: true }, tag))}
          >
            Make it the default
          </Menu.Item>
          <Menu.Item leftSection={<IconTrash size={14} />} disabled={isUsed} onClick={() => setDeleting(true)}>
            Delete
            {isUsed && <Text size="xs">A route names it.</Text>}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {error !== null && <ErrorMessage error={error} title="Nothing is changed" />}
      {isDeleting && (
        <ConfirmModal
          title={`Delete ${name}?`}
          action="Delete"
          onConfirm={() => mutate(() => receiverSetup.remove(name, tag))}
          onClose={done}
        >
          The receiver is removed from the configuration file. The file before the change is kept as a backup.
        </ConfirmModal>
      )}
    </>
  );
}
