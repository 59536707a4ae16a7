import type { JsonObject, SourceListing } from "@narthex/dashboards";
import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { QueryFormProps } from "./query-form.ts";

/** Data source type of queries that compute expressions over the results of other queries. */
export const EXPRESSION = "__expr__";

type QueryForm = LazyExoticComponent<ComponentType<QueryFormProps>>;

const SqlForm: QueryForm = lazy(() => import("./sql/SqlForm.tsx"));

/**
 * Query forms by the main type of a kind of data source. Other kinds have a JSON editor. To add a form, add a folder
 * with the form and a line here.
 */
const FORMS: Readonly<Record<string, QueryForm>> = {
  prometheus: lazy(() => import("./prometheus/PrometheusForm.tsx")),
  alertmanager: lazy(() => import("./alertmanager/AlertmanagerForm.tsx")),
  "grafana-postgresql-datasource": SqlForm,
  mysql: SqlForm,
  "frser-sqlite-datasource": lazy(() => import("./sqlite/SqliteForm.tsx")),
  "grafana-clickhouse-datasource": lazy(() => import("./clickhouse/ClickhouseForm.tsx")),
  "yesoreyeram-infinity-datasource": lazy(() => import("./infinity/InfinityForm.tsx")),
  influxdb: lazy(() => import("./influxdb/InfluxdbForm.tsx")),
  graphite: lazy(() => import("./graphite/GraphiteForm.tsx")),
  loki: lazy(() => import("./loki/LokiForm.tsx")),
  tempo: lazy(() => import("./tempo/TempoForm.tsx")),
  jaeger: lazy(() => import("./jaeger/JaegerForm.tsx")),
  zipkin: lazy(() => import("./zipkin/ZipkinForm.tsx")),
  elasticsearch: lazy(() => import("./elasticsearch/ElasticsearchForm.tsx")),
  "grafana-testdata-datasource": lazy(() => import("./testdata/TestDataForm.tsx")),
};

const ExpressionForm: QueryForm = lazy(() => import("./expression/ExpressionForm.tsx"));
const PluginForm: QueryForm = lazy(() => import("./plugin/PluginForm.tsx"));
const JsonForm: QueryForm = lazy(() => import("./other/JsonForm.tsx"));

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
