import type { JsonObject } from "@narthex/dashboards";
import { Choice } from "../../inputs/Choice.tsx";
import { DraftText } from "../../inputs/DraftText.tsx";
import { SettingRow } from "../../options/SettingRow.tsx";
import { isJsonObject, textOf } from "../../panel-edit.ts";
import type { QueryFormProps } from "../query-form.ts";
import { classesOf } from "../../../../../shell/style-sheet.ts";
import { ColumnList } from "./ColumnList.tsx";
import styles from "../QueryForm.module.css";
import { objectsIn } from "./json-list.ts";
import { PairList } from "./PairList.tsx";

const css = classesOf(styles);

const choices = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

const TYPES = choices({ json: "JSON", csv: "CSV", tsv: "TSV", xml: "XML", graphql: "GraphQL" });
const SOURCES = choices({ url: "URL", inline: "Inline" });
const METHODS = choices({ GET: "GET", POST: "POST" });
const FORMATS = choices({ table: "Table", timeseries: "Time series" });

/** The inputs for a query that reads rows from a document. */
export default function InfinityForm({ query, onEdit }: QueryFormProps) {
  const set = (key: string, value: unknown): void => onEdit([{ path: [key], value }]);
  const type = textOf(query, "type") || "json";
  // A query in GraphQL is sent in the body of the request.
  const setType = (next: string): void =>
    onEdit([
      { path: ["type"], value: next },
      ...(next === "graphql" ? [{ path: ["url_options", "method"], value: "POST" }] : []),
    ]);
  const isInline = textOf(query, "source") === "inline";
  return (
    <div className={css("form")}>
      <div className={css("options")}>
        <SettingRow name="Document">
          <Choice label="Document" choices={TYPES} value={type} onChange={setType} />
        </SettingRow>
        <SettingRow name="From">
          <Choice
            label="From"
            choices={SOURCES}
            value={isInline ? "inline" : "url"}
            onChange={(next) => set("source", next)}
          />
        </SettingRow>
        <SettingRow name="Format">
          <Choice
            label="Format"
            choices={FORMATS}
            value={textOf(query, "format") === "timeseries" ? "timeseries" : "table"}
            onChange={(next) => set("format", next)}
          />
        </SettingRow>
      </div>
      {isInline ? (
        <DraftText
          label="Document text"
          rows={6}
          value={textOf(query, "data")}
          onCommit={(text) => set("data", text)}
        />
      ) : (
        <RequestInputs query={query} onEdit={onEdit} />
      )}
      {type !== "csv" && type !== "tsv" && (
        <SettingRow name="Rows" description="Selects the rows: data.items, $.data[0]; empty for the whole document">
          <DraftText
            label="Rows"
            placeholder="data.items"
            value={textOf(query, "root_selector")}
            onCommit={(text) => set("root_selector", text)}
          />
        </SettingRow>
      )}
      <SettingRow name="Columns" description="Without columns, all properties of the rows are shown">
        <ColumnList columns={objectsIn(query["columns"])} onChange={(columns) => set("columns", columns)} />
      </SettingRow>
    </div>
  );
}

/** The inputs for the request of a document: URL, method, parameters, headers and body. */
function RequestInputs({ query, onEdit }: Pick<QueryFormProps, "query" | "onEdit">) {
  const given = query["url_options"];
  const options: JsonObject = isJsonObject(given) ? given : {};
  const setOption = (key: string, value: unknown): void => onEdit([{ path: ["url_options", key], value }]);
  const isGraphql = textOf(query, "type") === "graphql";
  const method = textOf(options, "method").toUpperCase() || (isGraphql ? "POST" : "GET");
  const bodyType = textOf(options, "body_type") || (isGraphql ? "graphql" : "raw");
  return (
    <>
      <SettingRow name="URL" description="Below the URL of the data source, or of one of its allowed hosts">
        <DraftText
          label="URL"
          placeholder="/items.json"
          value={textOf(query, "url")}
          onCommit={(url) => onEdit([{ path: ["url"], value: url }])}
        />
      </SettingRow>
      <div className={css("options")}>
        <SettingRow name="Method">
          <Choice label="Method" choices={METHODS} value={method} onChange={(next) => setOption("method", next)} />
        </SettingRow>
      </div>
      <SettingRow name="Parameters">
        <PairList
          noun="parameter"
          pairs={objectsIn(options["params"])}
          onChange={(pairs) => setOption("params", pairs)}
        />
      </SettingRow>
      <SettingRow
        name="Headers"
        description="Do not write secrets here: write them into the settings of the data source"
      >
        <PairList
          noun="header"
          pairs={objectsIn(options["headers"])}
          onChange={(pairs) => setOption("headers", pairs)}
        />
      </SettingRow>
      {method === "POST" && <BodyInputs type={bodyType} options={options} onSet={setOption} />}
    </>
  );
}

/** The inputs for the body of a request, by its type: a form, a query in GraphQL, or a text. */
function BodyInputs({
  type,
  options,
  onSet,
}: {
  type: string;
  options: JsonObject;
  onSet: (key: string, value: unknown) => void;
}) {
  if (type === "x-www-form-urlencoded")
    return (
      <SettingRow name="Body">
        <PairList
          noun="form field"
          pairs={objectsIn(options["body_form"])}
          onChange={(pairs) => onSet("body_form", pairs)}
        />
      </SettingRow>
    );
  const isGraphql = type === "graphql";
  const value = textOf(options, "data");
  return (
    <SettingRow name={isGraphql ? "GraphQL query" : "Body"}>
      <DraftText
        label={isGraphql ? "GraphQL query" : "Body"}
        rows={4}
        value={isGraphql ? textOf(options, "body_graphql_query") || value : value}
        onCommit={(text) => onSet(isGraphql ? "body_graphql_query" : "data", text)}
      />
    </SettingRow>
  );
}
