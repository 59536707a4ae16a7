import { NativeSelect, SegmentedControl } from "@mantine/core";

/** Characters that choices side by side have room for. */
const ROOM = 26;

interface ChoiceProps {
  readonly label: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** One of few: side by side where there is room, else in a list. What stands in the JSON and is none of them stays in the list. */
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
