import { ActionIcon, CopyButton, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** Read-only text with a copy button. Without access to the clipboard, the user can select the text. */
export function CopyField({
  label,
  value,
  minRows,
}: {
  label: string;
  value: string;
  /** Minimum number of rows of a field that grows with its text; undefined for a field of one row. */
  minRows?: number;
}) {
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
  return minRows === undefined ? (
    <TextInput {...field} onFocus={({ currentTarget }) => currentTarget.select()} />
  ) : (
    <Textarea {...field} autosize minRows={minRows} onFocus={({ currentTarget }) => currentTarget.select()} />
  );
}
