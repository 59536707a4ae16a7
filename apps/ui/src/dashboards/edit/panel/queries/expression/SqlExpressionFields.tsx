import { Text } from "@mantine/core";
import { useMemo } from "react";
import { Choice } from "../../inputs/Choice.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { textOf } from "../../panel-edit.ts";
import { usePanelEditing } from "../../panel-edit-context.ts";
import type { QueryFormProps } from "../query-form.ts";
import { SqlField } from "../sql/SqlField.tsx";
import { sqlTables } from "./sql-tables.ts";

const FORMATS = [
  { value: "", label: "Table" },
  { value: "alerting", label: "Numbers" },
];

/** The fields of a SQL expression. The editor completes the names of the other queries, and their columns. */
export default function SqlExpressionFields({ refId, query, others, onEdit }: QueryFormProps) {
  const { answered } = usePanelEditing();
  const schema = useMemo(() => sqlTables(others, answered), [others, answered]);
  return (
    <>
      <SqlField
        label={`SQL of expression ${refId}`}
        value={textOf(query, "expression")}
        kind="__expr__"
        schema={schema}
        onCommit={(sql) => onEdit([{ path: ["expression"], value: sql }])}
      />
      <SettingRow name="Format">
        <Choice
          label="Format"
          choices={FORMATS}
          value={textOf(query, "format")}
          onChange={(format) => onEdit([{ path: ["format"], value: format || undefined }])}
        />
      </SettingRow>
      <Text size="xs" c="dimmed">
        A statement of MySQL. Tables are the other queries:{" "}
        {others.length === 0 ? "there are none yet" : others.join(", ")}. Time series have the columns time, __value__,
        __metric_name__ and one for each label.
      </Text>
    </>
  );
}
