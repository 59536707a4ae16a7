import { Stack, Text } from "@mantine/core";
import { useState } from "react";
import { rootPath } from "../../api/root-path.ts";
import { CopyField } from "../../shell/CopyField.tsx";
import { frameHtml, type ShareChoices, type SharedView, soloAddress } from "../data/share-address.ts";
import { ShareChoiceInputs } from "./ShareChoiceInputs.tsx";

/** Shows the HTML code for embedding a panel. */
export function EmbedTab({ view }: { view: SharedView }) {
  const [choices, setChoices] = useState<ShareChoices>({ isTimeLocked: false, theme: "" });
  const address = `${location.origin}${rootPath}${soloAddress(view, choices)}`;
  return (
    <Stack gap="md">
      <ShareChoiceInputs choices={choices} onChange={setChoices} />
      <CopyField label="Embed HTML" value={frameHtml(address)} minRows={3} />
      <Text size="sm" c="dimmed">
        Other pages may show it where the setting allow_embedding of security is true, and to those who may see the
        dashboard.
      </Text>
    </Stack>
  );
}
