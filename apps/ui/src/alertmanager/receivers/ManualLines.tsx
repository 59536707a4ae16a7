import { Alert, Anchor, Code, List, Stack } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import type { ClosedSetup } from "../../api/receiver-setup.ts";
import { CopyField } from "../../shell/CopyField.tsx";
import { docsAddress } from "../../shell/docs-address.ts";
import { linesOf, type ReceiverDraft } from "./receiver-draft.ts";
import { KIND_FIELDS } from "./receiver-kinds.ts";

/** The lines of a receiver, and what to do with them. */
export function ManualLines({ draft, setup: { file, reason } }: { draft: ReceiverDraft; setup: ClosedSetup }) {
  const { label } = KIND_FIELDS[draft.kind].secret;
  return (
    <Stack gap="sm">
      <Alert
        color="blue"
        variant="light"
        icon={<IconInfoCircle size={18} />}
        title="This page may not change the configuration file"
      >
        {reason ?? (
          <>
            Start the Alertmanager with <Code>--web.enable-receiver-setup</Code> to save here.
          </>
        )}
      </Alert>
      <CopyField label="Lines for the file" value={linesOf(draft)} minRows={8} />
      <List type="ordered" size="sm" className="wrap-anywhere">
        <List.Item>
          Put the lines into <Code>{file}</Code>. Keep one list <Code>receivers</Code> and one <Code>route</Code>.
        </List.Item>
        <List.Item>
          {label}: write it into a file that only the Alertmanager may read, and its path into the lines.
        </List.Item>
        <List.Item>
          <Anchor inherit href={`${docsAddress("files")}#let-the-program-read-a-changed-file`} target="_blank">
            Let the Alertmanager read the file
          </Anchor>
          , then close this form and press <b>Send a test</b> next to the receiver.
        </List.Item>
      </List>
    </Stack>
  );
}
