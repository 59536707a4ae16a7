import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { PROMETHEUS_ROUTES } from "../outgoing/proxy-routes.ts";
import { PrometheusSource } from "./prometheus-source.ts";
import { DEFAULT_SCRAPE_MS } from "./query-step.ts";

const SETTINGS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "timeInterval"],
    label: "Scrape interval",
    type: "text",
    placeholder: "15s",
    help: "The scrape interval of the server's targets. Queries have no smaller step.",
  },
  { path: ["jsonData", "queryTimeout"], label: "Timeout of a query", type: "text", placeholder: "60s" },
  { path: ["jsonData", "httpMethod"], label: "HTTP method", type: "choice", choices: ["POST", "GET"] },
  {
    path: ["jsonData", "customQueryParameters"],
    label: "Additional parameters",
    type: "text",
    placeholder: "max_source_resolution=5m&dedup=true",
    help: "Parameters that each request contains, for example for Thanos.",
  },
  { path: ["jsonData", "alertmanagerUid"], label: "UID of the Alertmanager for the server's alerts", type: "text" },
];

export const prometheus: DataSourceKind = {
  types: [
    "prometheus",
    "grafana-amazonprometheus-datasource",
    "grafana-azureprometheus-datasource",
    "victoriametrics-metrics-datasource",
  ],
  name: "Prometheus",
  language: { valueFormat: "promql", fields: ["expr"], plainFields: ["interval"], neededField: "expr" },
  blankQuery: { expr: "", range: true, instant: false, legendFormat: "__auto", editorMode: "builder" },
  leastStepMs: DEFAULT_SCRAPE_MS,
  alignsToZone: true,
  adHocFilters: { names: "label_names()", values: "label_values($name)" },
  variables: {
    help: "label_values(label), label_values(metric, label), label_names(), metrics(regex) or query_result(expression)",
    refId: "PrometheusVariableQueryEditor-VariableQuery",
  },
  annotations: [
    { path: ["expr"], label: "Query", type: "query" },
    { path: ["step"], label: "Step", type: "duration", placeholder: "60s" },
    { path: ["titleFormat"], label: "Title", type: "text", placeholder: "{{alertname}}" },
    { path: ["textFormat"], label: "Text", type: "text", placeholder: "{{instance}}" },
    { path: ["tagKeys"], label: "Labels that become tags", type: "text", placeholder: "job,instance" },
    { path: ["useValueForTime"], label: "The value is the time, in milliseconds", type: "switch" },
  ],
  features: ["metrics", "rules"],
  routes: PROMETHEUS_ROUTES,
  defaults: { httpMethod: "POST", timeInterval: "15s", queryTimeout: "60s", incrementalQuerying: true },
  settings: [...httpForm("http://127.0.0.1:9090"), ...SETTINGS],
  open: (settings, environment) => new PrometheusSource(settings, environment),
};
