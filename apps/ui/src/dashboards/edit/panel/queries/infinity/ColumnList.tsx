import { IconPlus, IconX } from "@tabler/icons-react";
import type { JsonObject } from "@narthex/dashboards";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { Tool } from "../../inputs/Tool.tsx";
import { textOf } from "../../panel-edit.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { TextButton } from "../../../../../shell/TextButton.tsx";
import styles from "./RowList.module.css";

const css = classesOf(styles);

const KINDS = [
  { value: "string", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Boolean" },
  { value: "timestamp", label: "Time" },
  { value: "timestamp_epoch", label: "Time in ms" },
  { value: "timestamp_epoch_s", label: "Time in s" },
];

/** The columns that a query selects from each row. */
export function ColumnList({
  columns,
  onChange,
}: {
  columns: readonly JsonObject[];
  onChange: (columns: readonly JsonObject[]) => void;
}) {
  const set = (at: number, key: string, value: string): void =>
    onChange(columns.with(at, { ...columns[at]!, [key]: value }));
  return (
    <div className={css("rows")}>
      {columns.map((column, at) => (
        // Columns have no key other than their position.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={at} className={css("row")}>
          <DraftText
            label={`Selector of column ${at + 1}`}
            placeholder="name"
            value={textOf(column, "selector")}
            onCommit={(text) => set(at, "selector", text)}
          />
          <DraftText
            label={`Name of column ${at + 1}`}
            placeholder="as the selector"
            value={textOf(column, "text")}
            onCommit={(text) => set(at, "text", text)}
          />
          <Choice
            label={`Type of column ${at + 1}`}
            choices={KINDS}
            value={textOf(column, "type") || "string"}
            onChange={(type) => set(at, "type", type)}
          />
          <Tool label={`Remove column ${at + 1}`} onClick={() => onChange(columns.toSpliced(at, 1))}>
            <IconX size={14} />
          </Tool>
        </div>
      ))}
      <TextButton onClick={() => onChange([...columns, { selector: "", text: "", type: "string" }])}>
        <IconPlus size={12} aria-hidden /> Add column
      </TextButton>
    </div>
  );
}
