import { ActionIcon, CopyButton, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Read-only text with a copy button. Without access to the clipboard, the user can select the text. */
export function CopyField({ label, value, isLong = false }: { label: string; value: string; isLong?: boolean }) {
  const button = (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? "Copied" : "Copy"}>
          <ActionIcon variant="subtle" color="gray" aria-label={`Copy: ${label}`} onClick={copy}>
            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
  const field = { label, value, readOnly: true, rightSection: button } as const;
  return isLong ? (
    <Textarea {...field} autosize minRows={3} onFocus={({ currentTarget }) => currentTarget.select()} />
  ) : (
    <TextInput {...field} onFocus={({ currentTarget }) => currentTarget.select()} />
  );
}
