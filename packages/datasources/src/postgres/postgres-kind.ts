import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { BLANK_SQL, databaseForm, POOL_FORM, SQL_ANNOTATIONS, SQL_FIELDS, SQL_VARIABLES } from "../sql/sql-kind.ts";
import { postgresSource } from "./postgres-source.ts";

const TLS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "sslmode"],
    label: "TLS",
    type: "choice",
    choices: ["require", "verify-ca", "verify-full", "disable"],
  },
  { path: ["secureJsonData", "tlsCACert"], label: "Certificate of the authority (PEM)", type: "secretText" },
  { path: ["secureJsonData", "tlsClientCert"], label: "Client certificate (PEM)", type: "secretText" },
  { path: ["secureJsonData", "tlsClientKey"], label: "Client key (PEM)", type: "secretText" },
];

export const postgres: DataSourceKind = {
  types: ["grafana-postgresql-datasource", "postgres"],
  name: "PostgreSQL",
  language: { valueFormat: "sql", fields: SQL_FIELDS, neededField: "rawSql" },
  blankQuery: BLANK_SQL,
  leastStepMs: 1,
  variables: SQL_VARIABLES,
  annotations: SQL_ANNOTATIONS,
  features: [],
  routes: [],
  defaults: {},
  settings: [
    ...databaseForm("127.0.0.1:5432"),
    ...TLS,
    { path: ["jsonData", "timescaledb"], label: "The database is a TimescaleDB", type: "switch" },
    ...POOL_FORM,
  ],
  open: postgresSource,
};
