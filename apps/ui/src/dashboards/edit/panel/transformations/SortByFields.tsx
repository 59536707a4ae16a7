import { Switch } from "@mantine/core";
import { FieldPick } from "../inputs/FieldPick.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { entriesAt, textOf } from "../panel-edit.ts";
import type { StepFormProps } from "./step-form.ts";

/** Selects the field by which rows are sorted. */
export function SortByFields({ options, fieldNames, onEdit }: StepFormProps) {
  const sort = entriesAt(options, ["sort"])[0]?.json ?? {};
  const set = (change: object): void => onEdit([{ path: ["sort"], value: [{ ...sort, ...change }] }]);
  return (
    <SettingRow name="Field">
      <FieldPick label="Field" value={textOf(sort, "field")} names={fieldNames} onPick={(field) => set({ field })} />
      <Switch
        size="sm"
        label="Reverse"
        checked={sort["desc"] === true}
        onChange={({ currentTarget }) => set({ desc: currentTarget.checked })}
      />
    </SettingRow>
  );
}
