import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useState } from "react";
import type { ReactNode, SyntheticEvent } from "react";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { CopyJsonButton, downloadJson } from "./json-file.tsx";
import type { Save } from "./use-save.ts";

/** Maximum length of a version's message, characters. */
const MAX_LETTERS = 500;

/**
 * A form for saving a dashboard. The user can also save the current time range and variable values, and write a message
 * for the version.
 */
export function SaveForm(props: {
  json: JsonObject;
  save: Save;
  canSave: boolean;
  /** Selects the current values that are saved too. */
  extras: ReactNode;
  onCopy: () => void;
  onCancel: () => void;
}) {
  const { json, save, canSave, extras, onCopy, onCancel } = props;
  const { folderUid } = useDashboardEdit();
  const [message, setMessage] = useState("");
  if (!canSave) return <Unsaveable json={json} onCopy={onCopy} />;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    save.mutate({ dashboard: json, folderUid, message, overwrite: false });
  };
  return (
    <Stack gap="sm" component="form" onSubmit={submit}>
      {extras}
      <Textarea
        label="What was changed, and why"
        description="The list of versions shows it next to the version."
        autosize
        minRows={2}
        maxLength={MAX_LETTERS}
        data-autofocus
        value={message}
        onChange={({ currentTarget }) => setMessage(currentTarget.value)}
      />
      {save.error !== null && <ErrorMessage error={save.error} title="The dashboard was not saved" />}
      <Group justify="space-between">
        <Button variant="subtle" onClick={onCopy}>
          Save as…
        </Button>
        <Group gap="xs">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

/**
 * Explains why the dashboard cannot be saved on this page. Offers to copy or download the JSON, or to save a copy of
 * the dashboard.
 */
function Unsaveable({ json, onCopy }: { json: JsonObject; onCopy: () => void }) {
  const { meta } = useDashboardEdit();
  const file = meta.provisionedExternalId ?? "";
  return (
    <Stack gap="sm">
      <Alert variant="light" title="This dashboard cannot be saved here">
        {meta.provisioned === true ? (
          <Text size="sm">
            It comes from the file {file === "" ? "" : <code>{file}</code>} of a provider that does not accept changes.
            Copy the changed JSON to that file, set <code>allowUiUpdates: true</code> for its provider, or save a copy.
          </Text>
        ) : (
          <Text size="sm">You can view the dashboard and try changes, but you cannot save them.</Text>
        )}
      </Alert>
      <Group justify="flex-end" gap="xs">
        <CopyJsonButton json={json} />
        <Button variant="default" onClick={() => downloadJson(json)}>
          Download JSON
        </Button>
        {meta.canSave === true && <Button onClick={onCopy}>Save a copy</Button>}
      </Group>
    </Stack>
  );
}
