import { Text } from "@mantine/core";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import styles from "../QueryForm.module.css";
import type { QueryFormProps } from "../query-form.ts";

const css = classesOf(styles);

const FORMATS = [
  { value: "time_series", label: "Time series" },
  { value: "table", label: "Table" },
  { value: "logs", label: "Logs" },
];

/**
 * The form for a query in InfluxQL or Flux as text. For a query of Grafana's query builder, the form names the
 * measurement. A text replaces such a query.
 */
export default function InfluxdbForm({ query, onEdit }: QueryFormProps) {
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const text = textOf(query, "query");
  const format = textOf(query, "resultFormat");
  const isBuilt = query["rawQuery"] !== true && textOf(query, "measurement") !== "";
  return (
    <div className={css("form")}>
      <DraftText
        label="Query"
        placeholder='SELECT mean("usage") FROM "cpu" WHERE $timeFilter GROUP BY time($__interval) fill(null)'
        rows={4}
        value={isBuilt ? "" : text}
        onCommit={(next) =>
          onEdit([
            { path: ["query"], value: next },
            { path: ["rawQuery"], value: true },
          ])
        }
      />
      {isBuilt && (
        <Text size="xs" c="dimmed">
          This query selects from the measurement {textOf(query, "measurement")} with Grafana&apos;s query builder. A
          text replaces it.
        </Text>
      )}
      <div className={css("options")}>
        <SettingRow name="Format" description="Of InfluxQL">
          <Choice
            label="Format"
            choices={FORMATS}
            value={format === "table" || format === "logs" ? format : "time_series"}
            onChange={(next) => set("resultFormat", next)}
          />
        </SettingRow>
        <SettingRow name="Alias" description="$m, $col, $tag_host">
          <DraftText
            label="Alias"
            placeholder="measurement, column and tags"
            value={textOf(query, "alias")}
            onCommit={(next) => set("alias", next === "" ? undefined : next)}
          />
        </SettingRow>
      </div>
    </div>
  );
}
