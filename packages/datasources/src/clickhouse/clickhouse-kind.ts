import type { DataSourceKind } from "../data-source-kind.ts";
import { tlsForm } from "../outgoing/http-form.ts";
import { BLANK_SQL, POOL_FORM, SQL_ANNOTATIONS, SQL_FIELDS, SQL_VARIABLES } from "../sql/sql-kind.ts";
import { clickhouseSource } from "./clickhouse-source.ts";

export const clickhouse: DataSourceKind = {
  types: ["grafana-clickhouse-datasource"],
  name: "ClickHouse",
  // In ClickHouse, as in MySQL, a backslash escapes the next character of a literal.
  language: { valueFormat: "mysql", hasExtras: true, fields: SQL_FIELDS, neededField: "rawSql", hasConditions: true },
  blankQuery: { ...BLANK_SQL, format: 1, queryType: "table", editorType: "sql" },
  leastStepMs: 1,
  variables: SQL_VARIABLES,
  annotations: SQL_ANNOTATIONS,
  features: [],
  routes: [],
  defaults: {},
  settings: [
    { path: ["url"], label: "URL of the HTTP interface", type: "text", placeholder: "http://127.0.0.1:8123" },
    { path: ["jsonData", "defaultDatabase"], label: "Database", type: "text", placeholder: "default" },
    { path: ["jsonData", "username"], label: "User", type: "text", help: "Use a user that may only read." },
    { path: ["secureJsonData", "password"], label: "Password", type: "secret" },
    { path: ["jsonData", "httpHeaderName1"], label: "Headers of each request", type: "headers" },
    ...tlsForm(),
    { path: ["jsonData", "queryTimeout"], label: "Timeout of a query in seconds", type: "number", placeholder: "30" },
    // Requests of HTTP have no connection that is replaced after a time.
    ...POOL_FORM.filter(({ path }) => path[1] !== "connMaxLifetime"),
  ],
  open: clickhouseSource,
};
