import { Button, CopyButton, Group, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload } from "@tabler/icons-react";
import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { download } from "../../../shell/download.ts";
import styles from "./InspectDrawer.module.css";

const css = classesOf(styles);

/**
 * Maximum number of characters that are shown, since drawing a long text is slow. A copied or saved text is complete.
 */
const MAX_SHOWN = 200_000;

export function JsonText({ json, name }: { json: unknown; name: string }) {
  const text = useMemo(() => JSON.stringify(json, null, 2), [json]);
  return (
    <>
      <Group gap="xs" mb="xs">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button
              size="xs"
              variant="default"
              leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
              onClick={copy}
            >
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden />}
          onClick={() => download(name, new Blob([text], { type: "application/json" }))}
        >
          Download JSON
        </Button>
        {text.length > MAX_SHOWN && (
          <Text size="xs" c="dimmed">
            The first {Math.round(MAX_SHOWN / 1000)} of {Math.round(text.length / 1000)} kB are shown.
          </Text>
        )}
      </Group>
      <pre className={css("code")} tabIndex={0} role="group" aria-label="JSON">
        {text.slice(0, MAX_SHOWN)}
      </pre>
    </>
  );
}
