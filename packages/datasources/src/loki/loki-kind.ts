import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { LOKI_ROUTES } from "../outgoing/proxy-routes.ts";
import { LokiSource } from "./loki-source.ts";

const SETTINGS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "maxLines"],
    label: "Lines of a query",
    type: "number",
    placeholder: "1000",
    help: "The largest number of log lines that a query returns if it does not set another number; at most 5000.",
  },
  {
    path: ["jsonData", "narthexIncrementalQuerying"],
    label: "Keep the answers of metric queries",
    type: "switch",
    help: "A refresh then asks only for the end of the range. Turn it on if your lines arrive within ten minutes.",
  },
];

export const loki: DataSourceKind = {
  types: ["loki"],
  name: "Loki",
  language: { valueFormat: "promql", hasExtras: true, fields: ["expr"], plainFields: ["step"], neededField: "expr" },
  blankQuery: { expr: "", queryType: "range", editorMode: "code" },
  leastStepMs: 1,
  adHocFilters: { names: "label_names()", values: "label_values($name)" },
  variables: {
    help: "label_names(), label_values(label) or label_values({selector}, label)",
    refId: "LokiVariableQueryEditor-VariableQuery",
  },
  annotations: [
    { path: ["expr"], label: "Query", type: "query", placeholder: '{job="deploy"}' },
    { path: ["titleFormat"], label: "Title", type: "text", placeholder: "{{job}}" },
    { path: ["textFormat"], label: "Text", type: "text", placeholder: "the line" },
    { path: ["tagKeys"], label: "Labels that become tags", type: "text", placeholder: "job,instance" },
  ],
  features: ["logs"],
  routes: LOKI_ROUTES,
  rulePaths: {
    rules: "prometheus/api/v1/rules",
    alerts: "prometheus/api/v1/alerts",
    groups: new Map(),
    defaultGroups: "api/prom/rules",
  },
  defaults: {},
  settings: [...httpForm("http://127.0.0.1:3100"), ...SETTINGS],
  open: (settings, environment) => new LokiSource(settings, environment),
};
