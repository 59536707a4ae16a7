import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { readDashboard } from "@narthex/dashboards";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { LoadingMessage } from "../../../shell/StatusMessage.tsx";
import { useDashboardContext } from "../../data/dashboard-context.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { CopyJsonButton, downloadJson } from "../save/json-file.tsx";
import { type JsonMistake, parseJson } from "./parse-json.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";

const JsonCode = whenLoaded(() => import("./JsonCode.tsx"), <LoadingMessage label="Loading the editor" />);

export default function JsonTab() {
  const { draft, change, writtenJson, writeJson } = useDashboardEdit();
  const { sources } = useDashboardContext();
  const own = JSON.stringify(draft.json, undefined, 2);
  const text = writtenJson?.text ?? own;
  const isOld = writtenJson !== undefined && writtenJson.of !== own;
  const write = (next: string): void =>
    writeJson(next === own ? undefined : { text: next, of: writtenJson?.of ?? own });
  const [mistake, setMistake] = useState<JsonMistake>();
  const [isApplying, setApplying] = useState(false);
  const apply = async (): Promise<void> => {
    const parsed = parseJson(text);
    setMistake(parsed.mistake);
    if (parsed.mistake !== undefined) return;
    setApplying(true);
    try {
      const { dashboard } = await readDashboard(parsed.json, { sources });
      change("Change the JSON", () => dashboard.source);
      // Keeps text that the user typed while the JSON was applied. The applied JSON becomes the base of this text.
      writeJson((now) =>
        now === undefined || now.text === text
          ? undefined
          : { text: now.text, of: JSON.stringify(dashboard.source, undefined, 2) },
      );
    } catch (error) {
      setMistake({ message: error instanceof Error ? error.message : String(error), line: undefined });
    } finally {
      setApplying(false);
    }
  };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        This JSON is saved, and other programs read it. Unknown keys are kept.
      </Text>
      {mistake !== undefined && (
        <Alert color="red" variant="light" py="xs" role="alert" icon={<IconAlertTriangle size={18} />}>
          {mistake.message}
        </Alert>
      )}
      {isOld && (
        <Alert color="yellow" variant="light" py="xs" icon={<IconAlertTriangle size={18} />}>
          The dashboard has changed since you started to edit this text. Applying the text undoes those changes.
        </Alert>
      )}
      <JsonCode value={text} onChange={write} label="JSON of the dashboard" mistake={mistake} />
      <Group justify="flex-end" gap="xs">
        <CopyJsonButton json={draft.json} />
        <Button variant="default" onClick={() => downloadJson(draft.json)}>
          Download JSON
        </Button>
        {writtenJson !== undefined && (
          <Button
            variant="default"
            onClick={() => {
              setMistake(undefined);
              writeJson(undefined);
            }}
          >
            Discard this text
          </Button>
        )}
        <Button disabled={text === own} loading={isApplying} onClick={() => void apply()}>
          Apply
        </Button>
      </Group>
    </Stack>
  );
}
