import { Alert, Button, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { IconAlertTriangle, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import type { DragEvent } from "react";
import { Card } from "../../../shell/Card.tsx";
import { parseJson } from "../../edit/json/parse-json.ts";

/** Maximum size of an imported file, bytes. */
const MAX_BYTES = 50_000_000;

export function ImportSource({ onJson }: { onJson: (json: JsonObject) => void }) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState<string>();
  const take = (given: string): void => {
    setText(given);
    const { json, mistake } = parseJson(given);
    setProblem(mistake?.message);
    if (json !== undefined) onJson(json);
  };
  const open = async (file: File | null | undefined): Promise<void> => {
    if (file === null || file === undefined) return;
    if (file.size > MAX_BYTES) {
      setProblem(`The file ${file.name} has more than 50 MB, the maximum for a dashboard.`);
      return;
    }
    take(await file.text());
  };
  const drop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    void open(event.dataTransfer.files[0]);
  };
  return (
    <Card p="md" maw={860}>
      <Stack gap="md" onDrop={drop} onDragOver={(event) => event.preventDefault()}>
        <Group gap="sm">
          <FileButton accept="application/json,.json" onChange={(file) => void open(file)}>
            {(props) => (
              <Button leftSection={<IconUpload size={16} aria-hidden />} {...props}>
                Choose a file
              </Button>
            )}
          </FileButton>
          <Text size="sm" c="dimmed">
            or drop it here, or paste its text below.
          </Text>
        </Group>
        <Textarea
          label="JSON of the dashboard"
          autosize
          minRows={8}
          maxRows={20}
          ff="monospace"
          spellCheck={false}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        {problem !== undefined && (
          <Alert color="red" variant="light" py="xs" role="alert" icon={<IconAlertTriangle size={18} />}>
            {problem}
          </Alert>
        )}
        <Group justify="space-between" gap="sm">
          <Text size="xs" c="dimmed" maw={520}>
            Dashboards cannot be loaded from grafana.com by their number, since this page sends no requests to other
            servers. Download the JSON there (“Download JSON” next to the dashboard) and choose the file.
          </Text>
          <Button disabled={text.trim() === ""} onClick={() => take(text)}>
            Go on
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
