import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { FolderSelect } from "../../edit/save/FolderSelect.tsx";

/** Dashboards of the list that the user wants to move or delete. */
export interface ListDialog {
  readonly kind: "move" | "delete";
  readonly hits: readonly SearchHit[];
}

/** Asks for the folder to which dashboards are moved, or for the confirmation of their deletion. */
export default function ListDialogs({
  dialog: { kind, hits },
  onMove,
  onDelete,
  onClose,
}: {
  dialog: ListDialog;
  onMove: (folderUid: string) => void;
  onDelete: () => void;
  onClose: () => void;
}) {
  const what = hits.length === 1 ? `“${hits[0]!.title}”` : `${hits.length} dashboards`;
  if (kind === "move") return <MoveModal what={what} hits={hits} onMove={onMove} onClose={onClose} />;
  return (
    <ConfirmModal
      title={hits.length === 1 ? "Delete the dashboard?" : "Delete the dashboards?"}
      action="Delete"
      onConfirm={onDelete}
      onClose={onClose}
    >
      {what} will be deleted with all versions. Restore is possible for 30 days.
    </ConfirmModal>
  );
}

function MoveModal({
  what,
  hits,
  onMove,
  onClose,
}: {
  what: string;
  hits: readonly SearchHit[];
  onMove: (folderUid: string) => void;
  onClose: () => void;
}) {
  const [folderUid, setFolderUid] = useState(hits[0]?.folderUid ?? "");
  const isHere = hits.every((hit) => (hit.folderUid ?? "") === folderUid);
  return (
    <Modal opened onClose={onClose} title={`Move ${what}`}>
      <Stack
        component="form"
        gap="sm"
        onSubmit={(event) => {
          event.preventDefault();
          onMove(folderUid);
          onClose();
        }}
      >
        <FolderSelect value={folderUid} onChange={setFolderUid} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={isHere}>
            Move
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
