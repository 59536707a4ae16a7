import { useId, useState } from "react";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { entriesAt, textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import styles from "./ElasticsearchForm.module.css";
import { NameList } from "../NameList.tsx";
import { PartList } from "./PartList.tsx";
import { freeId, GROUPS, isDocumentType, METRICS } from "./part-kinds.ts";
import { useFields } from "./use-fields.ts";

const css = classesOf(styles);

/** The form for a query to Elasticsearch or OpenSearch: the text, the metrics, and the groups of documents. */
export default function ElasticsearchForm({ query, source, onEdit }: QueryFormProps) {
  const [isTouched, setTouched] = useState(false);
  const fields = useFields(isTouched ? source?.uid : undefined);
  const fieldList = useId();
  const [metrics, groups] = [entriesAt(query, ["metrics"]), entriesAt(query, ["bucketAggs"])];
  const id = freeId([...metrics, ...groups].map(({ json }) => json));
  const lists = { metrics, fieldList, onEdit };
  const first = metrics[0];
  const areDocuments = first !== undefined && isDocumentType(textOf(first.json, "type"));
  return (
    <div className={css("form")} onFocus={() => setTouched(true)}>
      <NameList id={fieldList} names={fields} />
      <DraftText
        label="Query"
        placeholder="level:error AND host:web*"
        rows={2}
        value={textOf(query, "query")}
        onCommit={(text) => onEdit([{ path: ["query"], value: text }])}
      />
      <SettingRow name="Alias" description="{{metric}}, {{field}} and {{name of a field}} are replaced">
        <DraftText
          label="Alias"
          value={textOf(query, "alias")}
          onCommit={(text) => onEdit([{ path: ["alias"], value: text }])}
        />
      </SettingRow>
      <span className={css("title")}>Metrics</span>
      <PartList
        {...lists}
        name="Metric"
        listKey="metrics"
        kinds={METRICS}
        parts={metrics}
        blank={{ id, type: "count" }}
      />
      {!areDocuments && (
        <>
          <span className={css("title")}>Group by</span>
          <PartList
            {...lists}
            name="Group"
            listKey="bucketAggs"
            kinds={GROUPS}
            parts={groups}
            blank={{ id, type: "terms", field: "", settings: { size: "10", order: "desc", orderBy: "_term" } }}
          />
        </>
      )}
    </div>
  );
}
