import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { FolderSelect } from "../../edit/save/FolderSelect.tsx";
import type { DeletedItem } from "./deleted-api.ts";

/** Dialog that asks for the folder into which a dashboard is restored, if its former folder no longer exists. */
export function RestoreModal({
  item,
  onRestore,
  onClose,
}: {
  item: DeletedItem;
  onRestore: (folderUid: string) => void;
  onClose: () => void;
}) {
  const [folderUid, setFolderUid] = useState("");
  return (
    <Modal opened onClose={onClose} title="Restore the dashboard">
      <Stack gap="sm">
        <Text size="sm">
          The folder in which “{item.title}” was is gone. The dashboard inherits the permissions of the selected folder.
        </Text>
        <FolderSelect value={folderUid} onChange={setFolderUid} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            onClick={() => {
              onRestore(folderUid);
              onClose();
            }}
          >
            Restore
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
