import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { earlierWords, isEarlierPeriod, PREVIOUS_PERIOD } from "@narthex/dashboards";
import { useState } from "react";
import type { SyntheticEvent } from "react";

const CUSTOM = "custom";
const OFFERED: readonly { readonly value: string; readonly label: string }[] = [
  { value: "", label: "Nothing" },
  { value: PREVIOUS_PERIOD, label: "The previous period" },
  { value: "1d", label: "The day before" },
  { value: "1w", label: "The week before" },
];

/** Selects the earlier time range with which the dashboard is compared. */
export function CompareChoice({
  compare,
  isNeeded,
  onCompare,
}: {
  compare: string;
  /** Whether a comparison must be selected, so that the user cannot switch it off. */
  isNeeded: boolean;
  onCompare: (compare: string) => void;
}) {
  const [isCustom, setCustom] = useState(false);
  const [text, setText] = useState("");
  const offered = isNeeded ? OFFERED.slice(1) : OFFERED;
  const isOffered = offered.some(({ value }) => value === compare);
  const choose = (value: string): void => {
    setCustom(value === CUSTOM);
    if (value !== CUSTOM) onCompare(value);
  };
  const distance = text.trim();
  const isSound = isEarlierPeriod(distance);
  const apply = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (!isSound) return;
    onCompare(distance);
    setCustom(false);
  };
  return (
    <Group align="flex-start" gap="xs" mb="xs">
      <NativeSelect
        size="xs"
        label="Compare with"
        value={isCustom ? CUSTOM : compare}
        data={[
          ...offered,
          ...(isOffered ? [] : [{ value: compare, label: earlierWords(compare) }]),
          { value: CUSTOM, label: "Custom distance" },
        ]}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {isCustom && (
        <form onSubmit={apply} noValidate>
          <Group align="flex-start" gap="xs" wrap="nowrap">
            <TextInput
              size="xs"
              label="Distance"
              placeholder="3h"
              value={text}
              error={distance === "" || isSound ? false : "Write a number and a unit, such as 12h, 3d or 1w."}
              onChange={({ currentTarget }) => setText(currentTarget.value)}
            />
            <Button size="xs" type="submit" mt={25} disabled={!isSound}>
              Apply
            </Button>
          </Group>
        </form>
      )}
    </Group>
  );
}
