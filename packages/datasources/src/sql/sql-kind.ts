import type { AnnotationField, JsonObject, SourceSetting, VariableForm } from "@narthex/dashboards";

/** Properties that contain SQL. Queries of panels have the first one, and annotations of old dashboards the second one. */
export const SQL_FIELDS: readonly string[] = ["rawSql", "rawQuery"];

export const BLANK_SQL: JsonObject = { rawSql: "", format: "time_series", rawQuery: true, editorMode: "code" };

export const SQL_VARIABLES: VariableForm = {
  help: "A SELECT. All its columns become options; columns named __text and __value separate text and value.",
};

export const SQL_ANNOTATIONS: readonly AnnotationField[] = [
  { path: ["rawQuery"], label: "SQL with the columns time, timeend, text and tags", type: "query" },
];

/** Inputs for a database: address, sign-in, and number of connections. */
export function databaseForm(example: string): readonly SourceSetting[] {
  return [
    { path: ["url"], label: "Host and port", type: "text", placeholder: example },
    { path: ["jsonData", "database"], label: "Database", type: "text" },
    { path: ["user"], label: "User", type: "text", help: "Use a user that may only read." },
    { path: ["secureJsonData", "password"], label: "Password", type: "secret" },
  ];
}

export const POOL_FORM: readonly SourceSetting[] = [
  { path: ["jsonData", "timeInterval"], label: "Smallest step of queries", type: "text", placeholder: "1m" },
  { path: ["jsonData", "maxOpenConns"], label: "Largest number of connections", type: "number", placeholder: "32" },
  {
    path: ["jsonData", "connMaxLifetime"],
    label: "Seconds until a connection is replaced",
    type: "number",
    placeholder: "14400",
  },
];
