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
  const choose = useSetupChange(() => receiverSetup.save({ name, isDefault: true }, tag), done);
  const remove = useSetupChange(() => receiverSetup.remove(name, tag), done);
  const error = choose.error ?? remove.error;
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`More actions for ${name}`}
            loading={choose.isPending || remove.isPending}
          >
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
          <Menu.Item leftSection={<IconStar size={14} />} disabled={isDefault} onClick={() => choose.mutate(undefined)}>
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
          onConfirm={() => remove.mutate(undefined)}
          onClose={done}
        >
          The receiver is removed from the configuration file. The file before the change is kept as a backup.
        </ConfirmModal>
      )}
    </>
  );
}
