import { TextInput } from "@mantine/core";

/** The field for the selector of the series that a team or a token may read. */
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
