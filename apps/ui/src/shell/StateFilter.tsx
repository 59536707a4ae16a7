import { Chip, Group } from "@mantine/core";

/** Chips that filter a list by state; if none is selected, all are shown. */
export function StateFilter<T extends string>({
  label,
  states,
  chosen,
  counts,
  onChange,
}: {
  label: string;
  states: readonly T[];
  chosen: readonly T[];
  /** Number of items in each state; undefined while it is not known. */
  counts: Readonly<Record<T, number>> | undefined;
  onChange: (chosen: T[]) => void;
}) {
  return (
    <Chip.Group multiple value={[...chosen]} onChange={(values) => onChange(values)}>
      <Group gap={6} role="group" aria-label={label}>
        {states.map((state) => (
          <Chip key={state} value={state} size="xs" variant="light">
            {state}
            {counts !== undefined && ` (${counts[state]})`}
          </Chip>
        ))}
      </Group>
    </Chip.Group>
  );
}
