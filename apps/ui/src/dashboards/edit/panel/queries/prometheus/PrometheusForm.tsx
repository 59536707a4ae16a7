import { SegmentedControl } from "@mantine/core";
import { textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { PromqlField } from "./PromqlField.tsx";
import { PrometheusOptions } from "./PrometheusOptions.tsx";
import { QueryBuilder } from "./QueryBuilder.tsx";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import styles from "./PrometheusForm.module.css";

const css = classesOf(styles);

const modes = [
  { value: "builder", label: "Builder" },
  { value: "code", label: "Code" },
];

/** The form of a PromQL query: the builder or the code editor, and the options of the query. */
export default function PrometheusForm({ refId, query, source, onEdit }: QueryFormProps) {
  const mode = textOf(query, "editorMode") === "builder" ? "builder" : "code";
  const expr = textOf(query, "expr");
  const commit = (next: string): void => onEdit([{ path: ["expr"], value: next }]);
  return (
    <div className={css("form")}>
      <div className={css("mode")}>
        <SegmentedControl
          size="xs"
          aria-label={`Editor of query ${refId}`}
          data={modes}
          value={mode}
          onChange={(next) => onEdit([{ path: ["editorMode"], value: next }])}
        />
      </div>
      {mode === "builder" ? (
        <QueryBuilder
          uid={source?.uid}
          expr={expr}
          onCommit={commit}
          onCode={() => onEdit([{ path: ["editorMode"], value: "code" }])}
        />
      ) : (
        <PromqlField uid={source?.uid} value={expr} onCommit={commit} />
      )}
      <PrometheusOptions query={query} onEdit={onEdit} />
    </div>
  );
}
