import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { PROMETHEUS_ROUTES } from "../outgoing/proxy-routes.ts";
import { PrometheusSource } from "./prometheus-source.ts";
import { DEFAULT_SCRAPE_MS } from "./query-step.ts";

const AWS = { path: ["jsonData", "sigV4Auth"], values: [true] };
const AWS_KEYS = { path: ["jsonData", "sigV4AuthType"], values: ["keys"] };

/** Inputs for the signatures of Amazon Managed Service for Prometheus. */
const AWS_SETTINGS: readonly SourceSetting[] = [
  { path: ["jsonData", "sigV4Auth"], label: "Sign requests for Amazon Web Services", type: "switch" },
  {
    path: ["jsonData", "sigV4AuthType"],
    label: "Credentials of AWS",
    type: "choice",
    choices: ["default", "keys", "credentials"],
    help: "The default chain of AWS, an access key, or a profile of the credentials file.",
    when: AWS,
  },
  { path: ["secureJsonData", "sigV4AccessKey"], label: "Access key ID", type: "secret", when: AWS_KEYS },
  { path: ["secureJsonData", "sigV4SecretKey"], label: "Secret access key", type: "secret", when: AWS_KEYS },
  {
    path: ["jsonData", "sigV4Profile"],
    label: "Profile",
    type: "text",
    when: { path: ["jsonData", "sigV4AuthType"], values: ["credentials"] },
  },
  { path: ["jsonData", "sigV4Region"], label: "Region", type: "text", placeholder: "eu-west-1", when: AWS },
  { path: ["jsonData", "sigV4AssumeRoleArn"], label: "ARN of a role to assume", type: "text", when: AWS },
  { path: ["jsonData", "sigV4ExternalId"], label: "External ID of the role", type: "text", when: AWS },
];

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
  pages: "server",
  routes: PROMETHEUS_ROUTES,
  rulePaths: {
    rules: "api/v1/rules",
    alerts: "api/v1/alerts",
    // Cortex has its API below the prefix of the source's URL. Mimir and Narthex have both APIs below the same URL.
    groups: new Map([
      ["mimir", "config/v1/rules"],
      ["cortex", "rules"],
      ["prometheus", "rules"],
    ]),
    defaultGroups: "rules",
  },
  defaults: { httpMethod: "POST", timeInterval: "15s", queryTimeout: "60s", incrementalQuerying: true },
  settings: [...httpForm("http://127.0.0.1:9090"), ...SETTINGS, ...AWS_SETTINGS],
  open: (settings, environment) => new PrometheusSource(settings, environment),
};
