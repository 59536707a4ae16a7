import { Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { classesOf } from "../../../shell/style-sheet.ts";
import { TextButtons } from "../../../shell/TextButtons.tsx";
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
        <TextButtons text={text} file={name} type="application/json" label="Download JSON" />
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
