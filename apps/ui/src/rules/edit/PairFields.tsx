import { ActionIcon, Button, Fieldset, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Pair } from "./group-draft.ts";

/** Fields for names and texts, such as labels. */
export function PairFields({
  legend,
  item,
  pairs,
  onChange,
}: {
  legend: string;
  /** Name of one pair, for example "label". */
  item: string;
  pairs: readonly Pair[];
  onChange: (pairs: readonly Pair[]) => void;
}) {
  const change = (index: number, changed: Partial<Pair>): void =>
    onChange(pairs.map((pair, i) => (i === index ? { ...pair, ...changed } : pair)));
  return (
    <Fieldset legend={legend} variant="unstyled">
      <Stack gap={6}>
        {pairs.map(({ name, value }, index) => (
          <Group key={index} gap={6} wrap="nowrap" align="flex-start">
            <TextInput
              size="xs"
              w="32%"
              aria-label={`Name of ${item} ${index + 1}`}
              placeholder="name"
              value={name}
              onChange={(event) => change(index, { name: event.currentTarget.value })}
            />
            <Textarea
              size="xs"
              flex={1}
              autosize
              minRows={1}
              maxRows={8}
              aria-label={`Value of ${item} ${index + 1}`}
              placeholder="value or template"
              value={value}
              onChange={(event) => change(index, { value: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size={30}
              aria-label={`Remove ${item} ${index + 1}`}
              onClick={() => onChange(pairs.filter((_, i) => i !== index))}
            >
              <IconTrash size={15} />
            </ActionIcon>
          </Group>
        ))}
        <div>
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconPlus size={13} />}
            onClick={() => onChange([...pairs, { name: "", value: "" }])}
          >
            Add {item}
          </Button>
        </div>
      </Stack>
    </Fieldset>
  );
}
