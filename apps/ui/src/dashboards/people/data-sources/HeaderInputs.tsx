import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import type { SourceDraft } from "./data-sources-api.ts";
import { headersOf, type SourceHeader, withHeader } from "./source-draft.ts";

/**
 * Inputs for HTTP headers that the server adds to each request to a data source, such as the tenant. Their values are
 * secrets.
 */
export function HeaderInputs({
  draft,
  stored,
  isReadOnly,
  onChange,
}: {
  draft: SourceDraft;
  stored: Readonly<Record<string, boolean>>;
  isReadOnly: boolean;
  onChange: (draft: SourceDraft) => void;
}) {
  const headers = headersOf(draft);
  const set = (number: number, header: SourceHeader | undefined): void => onChange(withHeader(draft, number, header));
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        Headers of each request
      </Text>
      {headers.map(({ name, value }, index) => {
        const number = index + 1;
        const isKept = stored[`httpHeaderValue${number}`] === true && value === undefined;
        return (
          <Group key={number} align="flex-end" gap="xs" wrap="nowrap">
            <TextInput
              flex={1}
              disabled={isReadOnly}
              label={`Name of header ${number}`}
              placeholder="X-Scope-OrgID"
              value={name}
              onChange={({ currentTarget }) => set(number, { name: currentTarget.value, value })}
            />
            <PasswordInput
              flex={1}
              disabled={isReadOnly}
              label={`Value of header ${number}`}
              autoComplete="new-password"
              placeholder={isKept ? "Stored" : ""}
              value={value ?? ""}
              onChange={({ currentTarget }) =>
                set(number, { name, value: currentTarget.value === "" ? undefined : currentTarget.value })
              }
            />
            {number === headers.length && !isReadOnly && (
              <Button variant="default" aria-label={`Remove header ${number}`} onClick={() => set(number, undefined)}>
                Remove
              </Button>
            )}
          </Group>
        );
      })}
      {!isReadOnly && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => set(headers.length + 1, { name: "", value: undefined })}
          >
            Add header
          </Button>
        </Group>
      )}
    </Stack>
  );
}
