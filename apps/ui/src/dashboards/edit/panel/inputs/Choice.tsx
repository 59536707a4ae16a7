import { NativeSelect, SegmentedControl } from "@mantine/core";

/** Choices are side by side if their texts have at most this many characters in total. Otherwise they are in a list. */
const ROOM = 26;

interface ChoiceProps {
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/**
 * Selects one of a few choices. The choices are side by side if there is room, otherwise in a list. A value of the JSON
 * that is not one of the choices is added to the list.
 */
export function Choice({ label, choices, value, onChange }: ChoiceProps) {
  const isKnown = choices.some((choice) => choice.value === value);
  const length = choices.reduce((sum, choice) => sum + choice.label.length + 2, 0);
  if (isKnown && choices.length > 1 && length <= ROOM)
    return (
      <SegmentedControl size="xs" fullWidth aria-label={label} data={[...choices]} value={value} onChange={onChange} />
    );
  const data = isKnown ? choices : [{ value, label: value === "" ? "Choose" : value }, ...choices];
  return (
    <NativeSelect
      size="xs"
      aria-label={label}
      data={[...data]}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
