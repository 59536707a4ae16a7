import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "../../api/request.ts";
import { type StoredGroup, storedRules } from "../../api/stored-rules.ts";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { DiffView } from "./DiffView.tsx";
import { contentOf, type GroupDraft } from "./group-draft.ts";
import { groupLines } from "./group-lines.ts";

/** Shows what a save would change, and saves. If someone else has changed the group, the user can load it again. */
export function SaveModal({
  draft,
  before,
  onSaved,
  onReload,
  onClose,
}: {
  draft: GroupDraft;
  /** The group as it was when the editor was opened; undefined for a new group. */
  before: StoredGroup | undefined;
  onSaved: () => void;
  onReload: () => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const content = contentOf(draft);
  const isRenamed = before !== undefined && before.content.name !== content.name;
  const save = useMutation({
    mutationFn: async () => {
      const tag = before === undefined || isRenamed ? null : before.tag;
      await storedRules.save(draft.namespace, JSON.stringify(content), tag);
      if (isRenamed) await storedRules.remove(draft.namespace, before.content.name, before.tag);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["stored rules"] });
      onSaved();
    },
  });
  const isConflict = save.error instanceof ApiError && save.error.status === 412;
  return (
    <Modal opened onClose={onClose} size="xl" title={`Save ${draft.namespace} / ${draft.name}`}>
      <Stack gap="sm">
        <DiffView before={before === undefined ? "" : groupLines(before.content)} after={groupLines(content)} />
        {save.isError && !isConflict && <ErrorMessage error={save.error} title="The group is not saved" />}
        {isConflict && (
          <ErrorMessage error={save.error} title="Someone else has changed this group. Nothing is saved." />
        )}
        <Group justify="flex-end">
          {isConflict && (
            <Button variant="default" mr="auto" onClick={onReload}>
              Discard my changes and load the group again
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button loading={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
        </Group>
        {isConflict && (
          <Text size="xs" c="dimmed">
            To keep your changes, copy them from the differences first.
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
