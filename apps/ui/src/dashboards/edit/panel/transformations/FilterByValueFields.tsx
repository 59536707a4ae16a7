import { Button, NativeSelect } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type JsonObject, valueAtPath } from "@narthex/dashboards";
import { Choice } from "../inputs/Choice.tsx";
import { DraftText } from "../inputs/DraftText.tsx";
import { FieldPick } from "../inputs/FieldPick.tsx";
import { RemoveTool } from "../inputs/ItemTools.tsx";
import { SettingRow } from "../options/SettingRow.tsx";
import { entriesAt, listAtPath, textOf } from "../panel-edit.ts";
import { partOf } from "./field-order.ts";
import type { StepFormProps } from "./step-form.ts";
import { classesOf } from "../../../../shell/style-sheet.ts";
import styles from "./FieldRows.module.css";

const css = classesOf(styles);

const types = [
  { value: "include", label: "Include" },
  { value: "exclude", label: "Exclude" },
];
const matches = [
  { value: "all", label: "Match all" },
  { value: "any", label: "Match any" },
];
const tests = [
  { value: "equal", label: "Is equal" },
  { value: "notEqual", label: "Is not equal" },
  { value: "greater", label: "Is greater" },
  { value: "greaterOrEqual", label: "Is greater or equal" },
  { value: "lower", label: "Is lower" },
  { value: "lowerOrEqual", label: "Is lower or equal" },
  { value: "between", label: "Is between" },
  { value: "substring", label: "Contains substring" },
  { value: "notSubstring", label: "Does not contain substring" },
  { value: "regex", label: "Regex" },
  { value: "isNull", label: "Is null" },
  { value: "isNotNull", label: "Is not null" },
];

/**
 * Converts a numeric text to a number, because columns of numbers are compared with numbers. Other texts are returned
 * unchanged.
 */
const scalar = (text: string): string | number =>
  text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;

/** Selects the rows that are kept or removed, by the values of their fields. */
export function FilterByValueFields({ options, fieldNames, onEdit }: StepFormProps) {
  const list = listAtPath(options, ["filters"]);
  const set = (filters: readonly unknown[]): void => onEdit([{ path: ["filters"], value: filters }]);
  const first = { fieldName: fieldNames[0] ?? "", config: { id: "greater", options: { value: 0 } } };
  return (
    <>
      <SettingRow name="Filter type">
        <Choice
          label="Filter type"
          choices={types}
          value={textOf(options, "type")}
          onChange={(type) => onEdit([{ path: ["type"], value: type }])}
        />
        <Choice
          label="Conditions"
          choices={matches}
          value={textOf(options, "match")}
          onChange={(match) => onEdit([{ path: ["match"], value: match }])}
        />
      </SettingRow>
      <ul className={css("rows")}>
        {entriesAt(options, ["filters"]).map(({ at, json }) => (
          <li key={at} className={css("row")}>
            <Condition
              number={at + 1}
              filter={json}
              fieldNames={fieldNames}
              onChange={(filter) => set(list.with(at, filter))}
            />
            <RemoveTool name={`condition ${at + 1}`} onClick={() => set(list.toSpliced(at, 1))} />
          </li>
        ))}
      </ul>
      <Button
        className={css("add")}
        size="xs"
        variant="default"
        leftSection={<IconPlus size={14} />}
        onClick={() => set([...list, first])}
      >
        Add condition
      </Button>
    </>
  );
}

function Condition({
  number,
  filter,
  fieldNames,
  onChange,
}: {
  number: number;
  filter: JsonObject;
  fieldNames: readonly string[];
  onChange: (filter: JsonObject) => void;
}) {
  const config = partOf(filter, "config");
  const id = textOf(config, "id");
  const bounds = id === "between" ? ["from", "to"] : id === "isNull" || id === "isNotNull" ? [] : ["value"];
  const own = partOf(config, "options");
  return (
    <>
      <div className={css("input")}>
        <FieldPick
          label={`Field ${number}`}
          value={textOf(filter, "fieldName")}
          names={fieldNames}
          onPick={(fieldName) => onChange({ ...filter, fieldName })}
        />
      </div>
      <NativeSelect
        size="xs"
        className={css("input")}
        aria-label={`Match ${number}`}
        data={tests}
        value={id}
        onChange={({ currentTarget }) => onChange({ ...filter, config: { ...config, id: currentTarget.value } })}
      />
      {bounds.map((key) => {
        const value = valueAtPath(own, [key]);
        return (
          <DraftText
            key={key}
            label={`${key === "value" ? "Value" : key === "from" ? "From" : "To"} ${number}`}
            className={css("input")}
            value={typeof value === "string" || typeof value === "number" ? String(value) : ""}
            onCommit={(text) =>
              onChange({ ...filter, config: { ...config, options: { ...own, [key]: scalar(text) } } })
            }
          />
        );
      })}
    </>
  );
}
