import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Choice } from "../inputs/Choice.tsx";
import { DraftText } from "../inputs/DraftText.tsx";
import { FieldPick } from "../inputs/FieldPick.tsx";
import { RemoveTool } from "../inputs/ItemTools.tsx";
import { entriesAt, listAtPath, textOf } from "../panel-edit.ts";
import type { StepFormProps } from "./step-form.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FieldRows.module.css";

const css = classesOf(styles);

const types = [
  { value: "time", label: "Time" },
  { value: "number", label: "Number" },
  { value: "string", label: "String" },
  { value: "boolean", label: "Boolean" },
  { value: "enum", label: "Enum" },
  { value: "other", label: "JSON" },
];

/** Selects fields, and the type to which each of them is converted. */
export function ConversionFields({ options, fieldNames, onEdit }: StepFormProps) {
  const list = listAtPath(options, ["conversions"]);
  const set = (conversions: readonly unknown[]): void => onEdit([{ path: ["conversions"], value: conversions }]);
  return (
    <>
      <ul className={css("rows")}>
        {entriesAt(options, ["conversions"]).map(({ at, json }) => {
          const type = textOf(json, "destinationType");
          const change = (part: object): void => set(list.with(at, { ...json, ...part }));
          return (
            <li key={at} className={css("row")}>
              <div className={css("input")}>
                <FieldPick
                  label={`Field ${at + 1}`}
                  value={textOf(json, "targetField")}
                  names={fieldNames}
                  onPick={(targetField) => change({ targetField })}
                />
              </div>
              <div className={css("input")}>
                <Choice
                  label={`Type ${at + 1}`}
                  choices={types}
                  value={type}
                  onChange={(destinationType) => change({ destinationType })}
                />
              </div>
              {(type === "time" || type === "string") && (
                <DraftText
                  label={`Date format ${at + 1}`}
                  placeholder="e.g. YYYY-MM-DD"
                  className={css("input")}
                  value={textOf(json, "dateFormat")}
                  onCommit={(dateFormat) => change({ dateFormat: dateFormat === "" ? undefined : dateFormat })}
                />
              )}
              <RemoveTool name={`conversion ${at + 1}`} onClick={() => set(list.toSpliced(at, 1))} />
            </li>
          );
        })}
      </ul>
      <Button
        className={css("add")}
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => set([...list, { targetField: fieldNames[0] ?? "", destinationType: "number" }])}
      >
        Convert field type
      </Button>
    </>
  );
}
