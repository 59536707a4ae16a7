import { TextInput } from "@mantine/core";

/** Field for a series selector. A team or a token may then read only the selected series. */
export function MatchersInput({ value, onChange }: { value: string; onChange: (next: string) => void }) {
  return (
    <TextInput
      label="Only series that match"
      description='A selector such as {team="a"}; all series if the field is empty'
      autoCapitalize="none"
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
