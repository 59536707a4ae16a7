import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { FolderSelect } from "../../edit/save/FolderSelect.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { addFolder, moveFolder, renameFolder } from "./folder-writes.ts";
import { dashboardsKey } from "../../data/dashboard-queries.ts";

/** A dialog that creates a folder, or edits the title and the parent of an existing one. */
export default function FolderModal(props: {
  /** The folder to edit. Undefined for a new folder. */
  folder?: SearchHit;
  parentUid: string;
  onClose: () => void;
}) {
  const { folder, parentUid, onClose } = props;
  const [title, setTitle] = useState(folder?.title ?? "");
  const [parent, setParent] = useState(parentUid);
  const client = useQueryClient();
  const name = title.trim();
  const { mutate, error, isPending } = useMutation({
    mutationFn: async () => {
      if (folder === undefined) {
        await addFolder(name, parent);
        return;
      }
      if (name !== folder.title) await renameFolder(folder.uid, name);
      if (parent !== parentUid) await moveFolder(folder.uid, parent);
    },
    onSettled: () => client.invalidateQueries({ queryKey: dashboardsKey }),
    onSuccess: onClose,
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (name !== "") mutate();
  };
  return (
    <Modal opened onClose={onClose} title={folder === undefined ? "New folder" : `Folder “${folder.title}”`}>
      <Stack component="form" gap="sm" onSubmit={submit}>
        <TextInput
          label="Name"
          required
          data-autofocus
          value={title}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <FolderSelect
          label="Parent folder"
          value={parent}
          onChange={setParent}
          {...(folder === undefined ? {} : { without: folder.uid })}
        />
        {error !== null && <ErrorMessage error={error} title="The folder was not saved" />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={name === ""}>
            {folder === undefined ? "Create folder" : "Save"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
