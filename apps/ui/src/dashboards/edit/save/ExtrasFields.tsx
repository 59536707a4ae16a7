import { Checkbox } from "@mantine/core";
import type { SaveExtras } from "./use-offered-extras.ts";

/** Selects which of the current values are saved too. Only values that differ from the saved ones are offered. */
export function ExtrasFields({
  offered,
  extras,
  onExtras,
}: {
  offered: SaveExtras;
  extras: SaveExtras;
  onExtras: (extras: SaveExtras) => void;
}) {
  return (
    <>
      {offered.time && (
        <Checkbox
          label="Save the current time range and time zone"
          checked={extras.time}
          onChange={({ currentTarget }) => onExtras({ ...extras, time: currentTarget.checked })}
        />
      )}
      {offered.variables && (
        <Checkbox
          label="Save the current values of variables"
          checked={extras.variables}
          onChange={({ currentTarget }) => onExtras({ ...extras, variables: currentTarget.checked })}
        />
      )}
    </>
  );
}
