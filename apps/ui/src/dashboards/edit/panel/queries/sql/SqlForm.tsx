import { Text } from "@mantine/core";
import { useState } from "react";
import { Choice } from "../../inputs/Choice.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { SqlField } from "./SqlField.tsx";
import styles from "./SqlForm.module.css";
import { useSchema } from "./use-schema.ts";

const css = classesOf(styles);

const FORMATS = [
  { value: "time_series", label: "Time series" },
  { value: "table", label: "Table" },
];

/** The form of an SQL query. The editor completes keywords, macros, and the tables and columns of the database. */
export default function SqlForm({ refId, query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const text = textOf(query, "rawSql");
  const schema = useSchema(isTouched ? source?.uid : undefined, text);
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <SqlField
        label={`SQL of query ${refId}`}
        value={text}
        kind={source?.kind.types[0] ?? ""}
        schema={schema}
        onCommit={(sql) =>
          onEdit([
            { path: ["rawSql"], value: sql },
            { path: ["rawQuery"], value: true },
          ])
        }
      />
      <SettingRow name="Format">
        <Choice
          label="Format"
          choices={FORMATS}
          value={textOf(query, "format") || "time_series"}
          onChange={(format) => set("format", format)}
        />
      </SettingRow>
      <Text size="xs" c="dimmed">
        A time series needs a column named time. Macros such as $__timeFilter(column) and $__timeGroupAlias(column, 5m)
        use the range and the step of the panel.
      </Text>
    </div>
  );
}
