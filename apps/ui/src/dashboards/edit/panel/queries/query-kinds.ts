import type { JsonObject, SourceListing } from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { QueryFormProps } from "./query-form.ts";
import { whenLoaded } from "../../../../shell/when-loaded.tsx";

/** Data source type of queries that compute expressions over the results of other queries. */
export const EXPRESSION = "__expr__";

type QueryForm = ComponentType<QueryFormProps>;

const SqlForm: QueryForm = whenLoaded(() => import("./sql/SqlForm.tsx"));

/**
 * Query forms by the main type of a kind of data source. Other kinds have a JSON editor. To add a form, add a folder
 * with the form and a line here.
 */
const FORMS: Readonly<Record<string, QueryForm>> = {
  prometheus: whenLoaded(() => import("./prometheus/PrometheusForm.tsx")),
  alertmanager: whenLoaded(() => import("./alertmanager/AlertmanagerForm.tsx")),
  "grafana-postgresql-datasource": SqlForm,
  mysql: SqlForm,
  "frser-sqlite-datasource": whenLoaded(() => import("./sqlite/SqliteForm.tsx")),
  "grafana-clickhouse-datasource": whenLoaded(() => import("./clickhouse/ClickhouseForm.tsx")),
  "yesoreyeram-infinity-datasource": whenLoaded(() => import("./infinity/InfinityForm.tsx")),
  influxdb: whenLoaded(() => import("./influxdb/InfluxdbForm.tsx")),
  graphite: whenLoaded(() => import("./graphite/GraphiteForm.tsx")),
  loki: whenLoaded(() => import("./loki/LokiForm.tsx")),
  tempo: whenLoaded(() => import("./tempo/TempoForm.tsx")),
  jaeger: whenLoaded(() => import("./jaeger/JaegerForm.tsx")),
  zipkin: whenLoaded(() => import("./zipkin/ZipkinForm.tsx")),
  elasticsearch: whenLoaded(() => import("./elasticsearch/ElasticsearchForm.tsx")),
  "grafana-testdata-datasource": whenLoaded(() => import("./testdata/TestDataForm.tsx")),
};

const ExpressionForm: QueryForm = whenLoaded(() => import("./expression/ExpressionForm.tsx"));
const PluginForm: QueryForm = whenLoaded(() => import("./plugin/PluginForm.tsx"));
const JsonForm: QueryForm = whenLoaded(() => import("./other/JsonForm.tsx"));

/** Properties of a new expression. */
export const BLANK_EXPRESSION: JsonObject = { type: "math", expression: "" };

/**
 * Returns the form that edits a query to a data source, or an expression. For an unknown data source, returns the JSON
 * editor.
 */
export function formOfQuery(
  isExpression: boolean,
  source: Pick<SourceListing, "kind"> | undefined,
): { readonly Form: QueryForm } {
  if (isExpression) return { Form: ExpressionForm };
  if (source?.kind.queryInputs !== undefined) return { Form: PluginForm };
  const type = source?.kind.types[0] ?? "";
  return { Form: Object.hasOwn(FORMS, type) ? FORMS[type]! : JsonForm };
}
