import { DraftText } from "../inputs/DraftText.tsx";
import { FieldList } from "../inputs/FieldPick.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { listAtPath, textOf } from "../panel-edit.ts";
import { partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";

const sides = [
  ["include", "Keep"],
  ["exclude", "Remove"],
] as const;

/** Selects the fields to keep and the fields to remove, by their names or with a regular expression. */
export function FilterByNameFields({ options, onEdit }: StepFormProps) {
  return (
    <>
      {sides.map(([key, word]) => (
        <SettingRow key={key} name={`${word}: fields`}>
          <FieldList
            label={`${word}: fields`}
            value={listAtPath(options, [key, "names"]).filter((name) => typeof name === "string")}
            onChange={(names) => onEdit([{ path: [key, "names"], value: names.length === 0 ? undefined : names }])}
          />
          <DraftText
            label={`${word}: expression`}
            placeholder="Regular expression pattern"
            value={textOf(partOf(options, key), "pattern")}
            onCommit={(text) => onEdit([{ path: [key, "pattern"], value: text === "" ? undefined : text }])}
          />
        </SettingRow>
      ))}
    </>
  );
}
