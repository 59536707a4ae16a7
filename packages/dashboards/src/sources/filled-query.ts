import type { JsonObject } from "../model/field-config.ts";
import { withConditions } from "../variables/conditional-all.ts";
import { influxqlFormat } from "../variables/influxql-format.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { mysqlFormat, sqlFormat } from "../variables/sql-format.ts";
import { interpolate, interpolateJson, type Lookup, type UsualFormat } from "../variables/variable-syntax.ts";
import type { SourceKind, ValueFormatName } from "./source-kind.ts";

const FORMATS: Readonly<Record<ValueFormatName, UsualFormat>> = {
  promql: promqlFormat,
  sql: sqlFormat,
  mysql: mysqlFormat,
  influxql: influxqlFormat,
  lucene: "lucene",
  regex: "regex",
  glob: "glob",
};

/** Returns the format in which values of variables are inserted into query texts of a kind of data source. */
const valueFormatOf = ({ language }: Pick<SourceKind, "language">): UsualFormat =>
  FORMATS[language.valueFormat] ?? "glob";

/**
 * Replaces the variables in a panel's query. Only query texts get values that are formatted for the query language;
 * legends and other texts get plain values.
 */
export function filledQuery(query: JsonObject, kind: Pick<SourceKind, "language">, lookup: Lookup): JsonObject {
  const { fields, plainFields = [], hasConditions } = kind.language;
  const format = valueFormatOf(kind);
  if (fields === undefined && plainFields.length === 0) return interpolateJson(query, lookup, format);
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (typeof value === "string" && plainFields.includes(key)) return [key, interpolate(value, lookup, "raw")];
      const isLanguage = fields === undefined || fields.includes(key);
      if (isLanguage && hasConditions === true && typeof value === "string")
        return [key, interpolate(withConditions(value, lookup), lookup, format)];
      return [key, interpolateJson(value, lookup, isLanguage ? format : "glob")];
    }),
  );
}

/** Replaces the variables in the query of a variable, whose texts are all texts of the language. */
export function filledOptionsQuery<T extends string | JsonObject>(
  query: T,
  kind: Pick<SourceKind, "language">,
  lookup: Lookup,
): T {
  const format = valueFormatOf(kind);
  if (kind.language.hasConditions !== true) return interpolateJson(query, lookup, format);
  const withAll = (text: string): string => withConditions(text, lookup);
  if (typeof query === "string") return interpolate(withAll(query), lookup, format) as T;
  const entries = Object.entries(query).map(([key, value]) => [
    key,
    typeof value === "string" ? withAll(value) : value,
  ]);
  return interpolateJson(Object.fromEntries(entries) as T, lookup, format);
}

/** Reports whether a query lacks the text without which its source cannot answer. Such a query is not sent. */
export function isBlankQuery(query: JsonObject, { language: { neededField } }: Pick<SourceKind, "language">): boolean {
  if (neededField === undefined) return false;
  const text = query[neededField];
  return text === undefined || text === null || (typeof text === "string" && text.trim() === "");
}
