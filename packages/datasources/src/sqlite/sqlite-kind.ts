import type { DataSourceKind } from "../data-source-kind.ts";
import { SQL_ANNOTATIONS } from "../sql/sql-kind.ts";
import { sqliteSource } from "./sqlite-source.ts";

export const sqlite: DataSourceKind = {
  types: ["frser-sqlite-datasource"],
  name: "SQLite",
  // As in Grafana's plugin, values are written without quotes. `${name:sqlstring}` writes them as SQL texts. In a literal
  // of the statement, a quote in a value is doubled.
  language: { valueFormat: "sqlite", hasExtras: true, fields: ["rawQueryText", "queryText"] },
  blankQuery: { rawQueryText: "", queryText: "", queryType: "table", timeColumns: ["time", "ts"] },
  leastStepMs: 1,
  variables: {
    help: "A SELECT. All its columns become options; columns named __text and __value separate text and value.",
  },
  annotations: SQL_ANNOTATIONS,
  features: [],
  routes: [],
  defaults: {},
  settings: [
    {
      path: ["jsonData", "path"],
      label: "Path of the file",
      type: "text",
      placeholder: "/srv/shop/orders.db",
      help: "Only a provisioning file may define a source that reads a file of this machine.",
    },
    { path: ["jsonData", "pathOptions"], label: "Options of SQLite", type: "text", placeholder: "immutable=1" },
  ],
  open: sqliteSource,
};
