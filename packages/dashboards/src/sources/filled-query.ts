import type { JsonObject } from "../model/field-config.ts";
import { withConditions } from "../variables/conditional-all.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { mysqlFormat, sqlFormat } from "../variables/sql-format.ts";
import { interpolate, interpolateJson, type Lookup, type UsualFormat } from "../variables/variable-syntax.ts";
import type { SourceKind, ValueFormatName } from "./source-kind.ts";

const FORMATS: Readonly<Record<ValueFormatName, UsualFormat>> = {
  promql: promqlFormat,
  sql: sqlFormat,
  mysql: mysqlFormat,
  lucene: "lucene",
  regex: "regex",
  glob: "glob",
};

/** Returns the format in which a kind of data source writes the values of variables into texts of its language. */
export const valueFormatOf = ({ language }: Pick<SourceKind, "language">): UsualFormat =>
  FORMATS[language.valueFormat] ?? "glob";

/**
 * Replaces the variables in a query of a panel. Values are formatted for the query language in texts of the language
 * only, not in legends and other texts.
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

/** Reports whether a query lacks the text without which its source cannot answer. Such a query is not sent. */
export function isBlankQuery(query: JsonObject, { language: { neededField } }: Pick<SourceKind, "language">): boolean {
  if (neededField === undefined) return false;
  const text = query[neededField];
  return text === undefined || text === null || (typeof text === "string" && text.trim() === "");
}
