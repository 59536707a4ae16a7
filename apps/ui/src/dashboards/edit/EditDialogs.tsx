import { Button, Group, Modal, Text } from "@mantine/core";
import { type EditDialog, useDashboardEdit } from "../draft/edit-context.ts";
import { DeleteModal } from "./save/DeleteModal.tsx";
import { SaveModal } from "./save/SaveModal.tsx";
import { UnappliedJson } from "./save/UnappliedJson.tsx";

/** The open dialog of the edit mode: for saving, leaving or deleting the dashboard. */
export default function EditDialogs({ dialog }: { dialog: NonNullable<EditDialog> }) {
  const { openDialog } = useDashboardEdit();
  const close = (): void => openDialog(undefined);
  switch (dialog) {
    case "save":
    case "copy":
      return <SaveModal isCopy={dialog === "copy"} onClose={close} />;
    case "leave":
      return <LeaveModal onClose={close} />;
    case "delete":
      return <DeleteModal onClose={close} />;
  }
}

function LeaveModal({ onClose }: { onClose: () => void }) {
  const { openDialog, dispatch, end, canSave, writeJson } = useDashboardEdit();
  const discard = (): void => {
    dispatch({ type: "discard" });
    writeJson(undefined);
    onClose();
    end();
  };
  return (
    <Modal opened onClose={onClose} title="There are unsaved changes">
      <Text size="sm" mb="md">
        Save them, or discard them and return to the saved dashboard.
      </Text>
      <UnappliedJson />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Continue editing
        </Button>
        <Button variant="default" onClick={discard}>
          Discard changes
        </Button>
        <Button data-autofocus onClick={() => openDialog(canSave ? "save" : "copy")}>
          {canSave ? "Save" : "Save a copy"}
        </Button>
      </Group>
    </Modal>
  );
}
