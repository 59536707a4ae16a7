import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { tlsForm } from "../outgoing/http-form.ts";
import { BLANK_SQL, databaseForm, POOL_FORM, SQL_ANNOTATIONS, SQL_FIELDS, SQL_VARIABLES } from "../sql/sql-kind.ts";
import { mysqlSource } from "./mysql-source.ts";

const SESSION: readonly SourceSetting[] = [
  { path: ["jsonData", "timezone"], label: "Time zone of the session", type: "text", placeholder: "+00:00" },
  {
    path: ["jsonData", "allowCleartextPasswords"],
    label: "Allow the server to ask for the password without encryption",
    type: "switch",
  },
];

export const mysql: DataSourceKind = {
  types: ["mysql"],
  name: "MySQL",
  language: { valueFormat: "mysql", fields: SQL_FIELDS, neededField: "rawSql" },
  blankQuery: BLANK_SQL,
  leastStepMs: 1,
  variables: SQL_VARIABLES,
  annotations: SQL_ANNOTATIONS,
  features: [],
  routes: [],
  defaults: {},
  settings: [...databaseForm("127.0.0.1:3306"), ...tlsForm(), ...SESSION, ...POOL_FORM],
  open: mysqlSource,
};
