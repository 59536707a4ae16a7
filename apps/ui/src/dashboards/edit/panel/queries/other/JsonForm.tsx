import { DraftJson } from "../../inputs/DraftJson.tsx";
import { isJsonObject } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";

/** Keys of a query's JSON that have their own inputs in the query's card. */
const OWN = new Set(["refId", "datasource", "hide"]);

/** A JSON editor for a query whose data source has no form. */
export default function JsonForm({ refId, query, onEdit }: QueryFormProps) {
  const shown = Object.fromEntries(Object.entries(query).filter(([key]) => !OWN.has(key)));
  const commit = (value: unknown): void => {
    if (!isJsonObject(value)) return;
    const keys = new Set([...Object.keys(shown), ...Object.keys(value)].filter((key) => !OWN.has(key)));
    onEdit([...keys].map((key) => ({ path: [key], value: Object.hasOwn(value, key) ? value[key] : undefined })));
  };
  return <DraftJson label={`JSON of query ${refId}`} value={shown} rows={6} onCommit={commit} />;
}
