import { Text } from "@mantine/core";
import type { JsonObject } from "@narthex/dashboards";
import { useState } from "react";
import { Choice } from "../../inputs/Choice.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { SqlField } from "../sql/SqlField.tsx";
import styles from "../sql/SqlForm.module.css";
import { useSchema } from "../sql/use-schema.ts";

const css = classesOf(styles);

/** Formats by their number in a query. */
const FORMATS = [
  { value: "timeseries", label: "Time series" },
  { value: "table", label: "Table" },
  { value: "logs", label: "Logs" },
  { value: "traces", label: "Traces" },
];

function formatOf(query: JsonObject): string {
  const format = query["format"];
  if (typeof format === "number") return FORMATS[format]?.value ?? "timeseries";
  const name = textOf(query, "queryType");
  return FORMATS.some(({ value }) => value === name) ? name : "timeseries";
}

/** The form for a query to ClickHouse. */
export default function ClickhouseForm({ refId, query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const text = textOf(query, "rawSql");
  const schema = useSchema(isTouched ? source?.uid : undefined, text);
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <SqlField
        label={`SQL of query ${refId}`}
        value={text}
        kind="grafana-clickhouse-datasource"
        schema={schema}
        onCommit={(sql) =>
          onEdit([
            { path: ["rawSql"], value: sql },
            { path: ["editorType"], value: "sql" },
          ])
        }
      />
      <SettingRow name="Format">
        <Choice
          label="Format"
          choices={FORMATS}
          value={formatOf(query)}
          onChange={(format) =>
            onEdit([
              { path: ["format"], value: FORMATS.findIndex(({ value }) => value === format) },
              { path: ["queryType"], value: format },
            ])
          }
        />
      </SettingRow>
      <Text size="xs" c="dimmed">
        A time series needs a column of times, and rows in its order. Macros such as $__timeFilter(column) and
        $__timeInterval(column) use the range and the step of the panel.
      </Text>
    </div>
  );
}
