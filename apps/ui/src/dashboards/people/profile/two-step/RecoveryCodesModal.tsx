import { Group, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { classesOf } from "../../../../shell/style-sheet.ts";
import { TextButtons } from "../../../../shell/TextButtons.tsx";
import { ShownOnceModal } from "../../frame/ShownOnceModal.tsx";
import styles from "./RecoveryCodesModal.module.css";

const css = classesOf(styles);

/** Dialog that shows new recovery codes once. */
export function RecoveryCodesModal({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  return (
    <ShownOnceModal
      title="Recovery codes"
      icon={IconKey}
      notice="Store the codes now. The server stores only digests of them and cannot show them again."
      action="I have stored the codes"
      onClose={onClose}
    >
      <Text size="sm">If you lose your authenticator app, sign in with one of these codes. Each works once.</Text>
      <ul className={css("codes")} aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code className="mono">{code}</code>
          </li>
        ))}
      </ul>
      <Group gap="sm">
        <TextButtons
          text={`${codes.join("\n")}\n`}
          file={`recovery-codes-${location.hostname}.txt`}
          type="text/plain"
        />
      </Group>
    </ShownOnceModal>
  );
}
