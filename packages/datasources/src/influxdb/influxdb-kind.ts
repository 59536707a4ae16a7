import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { httpForm } from "../outgoing/http-form.ts";
import { InfluxdbSource } from "./influxdb-source.ts";

const INFLUXQL = { path: ["jsonData", "version"], values: ["InfluxQL"] };
const FLUX = { path: ["jsonData", "version"], values: ["Flux"] };

const SETTINGS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "version"],
    label: "Query language",
    type: "choice",
    choices: ["InfluxQL", "Flux"],
    help: "SQL of InfluxDB 3 is not supported, because it needs the protocol Flight SQL.",
  },
  { path: ["jsonData", "dbName"], label: "Database", type: "text", when: INFLUXQL },
  {
    path: ["user"],
    label: "User of InfluxDB",
    type: "text",
    when: INFLUXQL,
    help: "Use a user that may only read.",
  },
  { path: ["secureJsonData", "password"], label: "Password of the user", type: "secret", when: INFLUXQL },
  { path: ["jsonData", "httpMode"], label: "HTTP method", type: "choice", choices: ["GET", "POST"], when: INFLUXQL },
  { path: ["jsonData", "organization"], label: "Organization", type: "text", when: FLUX },
  { path: ["jsonData", "defaultBucket"], label: "Default bucket", type: "text", when: FLUX },
  {
    path: ["secureJsonData", "token"],
    label: "Token of InfluxDB",
    type: "secret",
    help: "Use a token that may only read.",
  },
  { path: ["jsonData", "timeInterval"], label: "Smallest interval", type: "text", placeholder: "10s" },
  { path: ["jsonData", "maxSeries"], label: "Max series", type: "number", placeholder: "1000" },
];

export const influxdb: DataSourceKind = {
  types: ["influxdb"],
  name: "InfluxDB",
  language: {
    valueFormat: "influxql",
    hasExtras: true,
    fields: ["query", "measurement", "policy", "select", "tags", "groupBy", "limit", "slimit", "tz"],
  },
  blankQuery: { query: "", rawQuery: true, resultFormat: "time_series" },
  leastStepMs: 1,
  adHocFilters: { names: "SHOW TAG KEYS", values: 'SHOW TAG VALUES WITH KEY = "$name"' },
  variables: {
    help: 'SHOW TAG VALUES WITH KEY = "host", SHOW MEASUREMENTS, SHOW TAG KEYS or another query; or a query in Flux',
  },
  annotations: [
    {
      path: ["query"],
      label: "Query",
      type: "query",
      placeholder: "SELECT title, text FROM events WHERE $timeFilter",
    },
    { path: ["textColumn"], label: "Column of the text", type: "text", placeholder: "text" },
    { path: ["tagsColumn"], label: "Columns of tags", type: "text", placeholder: "tags" },
    { path: ["titleColumn"], label: "Column of the title", type: "text", placeholder: "title" },
    { path: ["timeEndColumn"], label: "Column of the end", type: "text", placeholder: "end" },
  ],
  features: [],
  routes: [],
  defaults: { version: "InfluxQL", httpMode: "GET" },
  settings: [...httpForm("http://127.0.0.1:8086"), ...SETTINGS],
  open: (settings, environment) => new InfluxdbSource(settings, environment),
};
