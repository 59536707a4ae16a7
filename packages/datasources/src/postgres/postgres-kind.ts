import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { BLANK_SQL, databaseForm, POOL_FORM, SQL_ANNOTATIONS, SQL_FIELDS, SQL_VARIABLES } from "../sql/sql-kind.ts";
import { postgresSource } from "./postgres-source.ts";

const CONTENT = { path: ["jsonData", "tlsConfigurationMethod"], values: ["file-content"] };
const PATHS = { path: ["jsonData", "tlsConfigurationMethod"], values: ["file-path", ""] };

const TLS: readonly SourceSetting[] = [
  {
    path: ["jsonData", "sslmode"],
    label: "TLS",
    type: "choice",
    choices: ["require", "verify-ca", "verify-full", "disable"],
  },
  {
    path: ["jsonData", "tlsConfigurationMethod"],
    label: "Certificates",
    type: "choice",
    choices: ["file-path", "file-content"],
  },
  {
    path: ["secureJsonData", "tlsCACert"],
    label: "Certificate of the authority (PEM)",
    type: "secretText",
    when: CONTENT,
  },
  { path: ["secureJsonData", "tlsClientCert"], label: "Client certificate (PEM)", type: "secretText", when: CONTENT },
  { path: ["secureJsonData", "tlsClientKey"], label: "Client key (PEM)", type: "secretText", when: CONTENT },
  { path: ["jsonData", "sslRootCertFile"], label: "File of the authority's certificate", type: "text", when: PATHS },
  { path: ["jsonData", "sslCertFile"], label: "File of the client certificate", type: "text", when: PATHS },
  { path: ["jsonData", "sslKeyFile"], label: "File of the client key", type: "text", when: PATHS },
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
