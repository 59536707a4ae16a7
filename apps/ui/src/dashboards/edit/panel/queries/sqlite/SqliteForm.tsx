import { Text } from "@mantine/core";
import { useState } from "react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { Choice } from "../../inputs/Choice.tsx";
import { TextList } from "../../inputs/TextList.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { SqlField } from "../sql/SqlField.tsx";
import styles from "../sql/SqlForm.module.css";
import { useSchema } from "../sql/use-schema.ts";

const css = classesOf(styles);

const TYPES = [
  { value: "time series", label: "Time series" },
  { value: "table", label: "Table" },
];

/** The form for a query of Grafana's SQLite plugin: the SQL, and the columns that contain times. */
export default function SqliteForm({ refId, query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const text = textOf(query, "rawQueryText") || textOf(query, "queryText");
  const schema = useSchema(isTouched ? source?.uid : undefined, text);
  const times = query["timeColumns"];
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <SqlField
        label={`SQL of query ${refId}`}
        value={text}
        kind="frser-sqlite-datasource"
        schema={schema}
        onCommit={(sql) =>
          onEdit([
            { path: ["rawQueryText"], value: sql },
            { path: ["queryText"], value: sql },
          ])
        }
      />
      <SettingRow name="Format">
        <Choice
          label="Format"
          choices={TYPES}
          value={textOf(query, "queryType") === "time series" ? "time series" : "table"}
          onChange={(queryType) => onEdit([{ path: ["queryType"], value: queryType }])}
        />
      </SettingRow>
      <SettingRow name="Time columns">
        <TextList
          label="Time column"
          value={Array.isArray(times) ? times.filter((name) => typeof name === "string") : []}
          onChange={(names) => onEdit([{ path: ["timeColumns"], value: names }])}
        />
      </SettingRow>
      <Text size="xs" c="dimmed">
        A time column contains Unix times in seconds, or texts such as 2026-11-24T10:00:00Z. $__from and $__to are the
        range of the panel in milliseconds; $__unixEpochGroupSeconds(column, 60) rounds times down.
      </Text>
    </div>
  );
}
