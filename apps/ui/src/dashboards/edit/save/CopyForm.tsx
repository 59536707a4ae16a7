import { Button, Checkbox, Group, Stack, TextInput } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useState } from "react";
import type { ReactNode, SyntheticEvent } from "react";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { copyOf } from "./copy-of.ts";
import { FolderSelect } from "./FolderSelect.tsx";
import type { Save } from "./use-save.ts";

/** A form that saves a new dashboard, or a copy of an existing one. */
export function CopyForm({
  json,
  save,
  extras,
  onCancel,
}: {
  json: JsonObject;
  save: Save;
  /** Selects the current values that are saved too. */
  extras: ReactNode;
  onCancel: () => void;
}) {
  const { isNew, dashboard, folderUid: currentFolderUid } = useDashboardEdit();
  const [title, setTitle] = useState(isNew ? dashboard.title : `${dashboard.title} Copy`);
  const [folderUid, setFolderUid] = useState(currentFolderUid);
  const [keepsTags, setKeepsTags] = useState(true);
  const name = title.trim();
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (name !== "")
      save.mutate({ dashboard: copyOf(json, name, keepsTags), folderUid, message: "", overwrite: false });
  };
  return (
    <Stack gap="sm" component="form" onSubmit={submit}>
      <TextInput
        label="Title"
        required
        data-autofocus
        value={title}
        onChange={({ currentTarget }) => setTitle(currentTarget.value)}
      />
      <FolderSelect value={folderUid} onChange={setFolderUid} />
      {!isNew && dashboard.tags.length > 0 && (
        <Checkbox
          label="Copy the tags"
          checked={keepsTags}
          onChange={({ currentTarget }) => setKeepsTags(currentTarget.checked)}
        />
      )}
      {extras}
      {save.error !== null && <ErrorMessage error={save.error} title="The dashboard was not saved" />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={name === ""}>
          Save
        </Button>
      </Group>
    </Stack>
  );
}
