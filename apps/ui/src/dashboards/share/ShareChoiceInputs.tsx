import { Group, NativeSelect, Switch } from "@mantine/core";
import type { ShareChoices } from "../data/share-address.ts";

/** Options of a link: absolute times, and theme. */
export function ShareChoiceInputs({
  choices,
  onChange,
}: {
  choices: ShareChoices;
  onChange: (choices: ShareChoices) => void;
}) {
  return (
    <Group align="flex-end" gap="lg">
      <Switch
        label="Lock time range"
        description="The link contains the current absolute times"
        checked={choices.isTimeLocked}
        onChange={({ currentTarget: { checked } }) => onChange({ ...choices, isTimeLocked: checked })}
      />
      <NativeSelect
        size="xs"
        label="Theme"
        value={choices.theme}
        data={[
          { value: "", label: "Current" },
          { value: "light", label: "Light" },
          { value: "dark", label: "Dark" },
        ]}
        onChange={({ currentTarget }) => onChange({ ...choices, theme: currentTarget.value as ShareChoices["theme"] })}
      />
    </Group>
  );
}
