import { Alert, Button, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { IconCheck, IconCopy, IconDownload, IconKey } from "@tabler/icons-react";
import { download } from "../../../../shell/download.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./RecoveryCodesModal.module.css";

const css = classesOf(styles);

/** Shows new recovery codes. The dialog closes only with its button, because the codes cannot be shown again. */
export function RecoveryCodesModal({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <Modal
      opened
      onClose={onClose}
      title="Recovery codes"
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      <Stack gap="sm">
        <Alert variant="light" color="yellow" py="xs" icon={<IconKey size={18} />}>
          Store the codes now. The server stores only digests of them and cannot show them again.
        </Alert>
        <Text size="sm">If you lose your authenticator app, sign in with one of these codes. Each works once.</Text>
        <ul className={css("codes")} aria-label="Recovery codes">
          {codes.map((code) => (
            <li key={code}>
              <code className="mono">{code}</code>
            </li>
          ))}
        </ul>
        <Group gap="sm">
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                size="xs"
                leftSection={copied ? <IconCheck size={15} aria-hidden /> : <IconCopy size={15} aria-hidden />}
                onClick={copy}
              >
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() =>
              download(`recovery-codes-${location.hostname}.txt`, new Blob([text], { type: "text/plain" }))
            }
          >
            Download
          </Button>
        </Group>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have stored the codes</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
