import { NativeSelect } from "@mantine/core";
import { Reducers } from "../inputs/Reducers.tsx";
import { listAtPath, textOf } from "../panel-edit.ts";
import { partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FieldRows.module.css";

const css = classesOf(styles);

const operations = [
  { value: "", label: "Ignored" },
  { value: "groupby", label: "Group by" },
  { value: "aggregate", label: "Calculate" },
];

/** Selects the fields by which rows are grouped, and the calculations for the other fields. */
export function GroupByFields({ options, fieldNames, onEdit }: StepFormProps) {
  const fields = partOf(options, "fields");
  return (
    <ul className={css("rows")}>
      {fieldNames.map((name) => {
        const rule = partOf(fields, name);
        const operation = textOf(rule, "operation");
        return (
          <li key={name} className={css("row")}>
            <span className={css("name")}>{name}</span>
            <NativeSelect
              size="xs"
              className={css("input")}
              aria-label={`Operation for ${name}`}
              data={operations}
              value={operation}
              onChange={({ currentTarget: { value } }) =>
                onEdit([
                  {
                    path: ["fields", name],
                    value: value === "" ? undefined : { aggregations: [], ...rule, operation: value },
                  },
                ])
              }
            />
            <div className={css("input")}>
              {operation === "aggregate" && (
                <Reducers
                  label={`Calculations of ${name}`}
                  value={listAtPath(rule, ["aggregations"]).filter((id) => typeof id === "string")}
                  onChange={(ids) => onEdit([{ path: ["fields", name, "aggregations"], value: ids }])}
                />
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
