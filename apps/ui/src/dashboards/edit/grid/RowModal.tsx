import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type Panel, patchPanel } from "@narthex/dashboards";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { useDashboardEdit } from "../../draft/edit-context.ts";

/** Edits the title of a row, and the variable for which it is repeated. */
export default function RowModal({ row, onClose }: { row: Panel; onClose: () => void }) {
  const { change, dashboard } = useDashboardEdit();
  const [title, setTitle] = useState(row.title);
  const [repeat, setRepeat] = useState<string | null>(row.repeat ?? null);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    change(`Change row ${row.title}`, (json) =>
      patchPanel(json, row.id, [
        { path: ["title"], value: title },
        { path: ["repeat"], value: repeat === null || repeat === "" ? undefined : repeat },
      ]),
    );
    onClose();
  };
  return (
    <Modal opened onClose={onClose} title="Row">
      <Stack component="form" gap="sm" onSubmit={submit}>
        <TextInput
          label="Title"
          data-autofocus
          value={title}
          onChange={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <Select
          label="Repeat for"
          description="The row is shown once for each selected value of a variable."
          clearable
          placeholder="No variable"
          data={dashboard.variables.map(({ name }) => name)}
          value={repeat}
          onChange={setRepeat}
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Apply</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
