import { Switch } from "@mantine/core";
import { PickButton } from "../inputs/PickButton.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { entriesAt, textOf } from "../panel-edit.ts";
import type { StepFormProps } from "./step-form.ts";

/** Selects the field by which rows are sorted. */
export function SortByFields({ options, fieldNames, onEdit }: StepFormProps) {
  const sort = entriesAt(options, ["sort"])[0]?.json ?? {};
  const name = textOf(sort, "field");
  const set = (change: object): void => onEdit([{ path: ["sort"], value: [{ ...sort, ...change }] }]);
  return (
    <SettingRow name="Field">
      <PickButton
        label="Field"
        text={name === "" ? "Choose a field" : name}
        options={fieldNames.map((one) => ({ value: one, text: one }))}
        chosen={new Set([name])}
        takesOthers
        onPick={(field) => set({ field })}
      />
      <Switch
        size="sm"
        label="Reverse"
        checked={sort["desc"] === true}
        onChange={({ currentTarget }) => set({ desc: currentTarget.checked })}
      />
    </SettingRow>
  );
}
