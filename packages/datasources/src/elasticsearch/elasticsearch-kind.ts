import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { ELASTICSEARCH_ROUTES } from "../outgoing/proxy-routes.ts";
import { ElasticsearchSource } from "./elasticsearch-source.ts";

const SETTINGS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "index"],
    label: "Index",
    type: "text",
    placeholder: "[logs-]YYYY.MM.DD",
    help: "The name of the index or alias, or with an interval a pattern with dates.",
  },
  {
    path: ["jsonData", "interval"],
    label: "Interval of the index pattern",
    type: "choice",
    choices: ["", "Hourly", "Daily", "Weekly", "Monthly", "Yearly"],
  },
  { path: ["jsonData", "timeField"], label: "Field with the time", type: "text", placeholder: "@timestamp" },
  { path: ["jsonData", "logMessageField"], label: "Field with the text of a log line", type: "text" },
  { path: ["jsonData", "logLevelField"], label: "Field with the level of a log line", type: "text" },
  { path: ["jsonData", "timeInterval"], label: "Smallest step of queries", type: "text", placeholder: "10s" },
  {
    path: ["jsonData", "maxConcurrentShardRequests"],
    label: "Largest number of concurrent requests to shards",
    type: "number",
    placeholder: "5",
  },
];

export const elasticsearch: DataSourceKind = {
  types: ["elasticsearch", "grafana-opensearch-datasource"],
  name: "Elasticsearch, OpenSearch",
  language: { valueFormat: "lucene" },
  blankQuery: {
    query: "",
    metrics: [{ id: "1", type: "count" }],
    bucketAggs: [{ id: "2", type: "date_histogram", settings: { interval: "auto" } }],
  },
  leastStepMs: 1000,
  adHocFilters: { names: '{"find": "fields"}', values: '{"find": "terms", "field": "$name"}' },
  variables: { help: 'JSON: {"find": "terms", "field": "host", "query": "level:error"} or {"find": "fields"}' },
  annotations: [
    { path: ["query"], label: "Query", type: "query", placeholder: "type:deploy" },
    { path: ["timeField"], label: "Field with the time", type: "text", placeholder: "@timestamp" },
    { path: ["timeEndField"], label: "Field with the time of the end", type: "text" },
    { path: ["textField"], label: "Field with the text", type: "text" },
    { path: ["tagsField"], label: "Field with the tags", type: "text", placeholder: "tags" },
  ],
  features: [],
  routes: ELASTICSEARCH_ROUTES,
  defaults: {},
  settings: [...httpForm("http://127.0.0.1:9200"), ...SETTINGS],
  open: (settings, environment) => new ElasticsearchSource(settings, environment),
};
