import { setInternalLinks } from "../links/data-link.ts";
import type { Target } from "../model/dashboard.ts";
import type { JsonObject } from "../model/field-config.ts";
import { promqlFormat } from "../variables/promql-format.ts";
import { mysqlFormat, sqlFormat } from "../variables/sql-format.ts";
import { interpolate, interpolateJson, type Lookup, type UsualFormat } from "../variables/variable-syntax.ts";
import type { queryExtras } from "./query-extras.ts";
import type { QueryLanguage, SourceKind } from "./source-kind.ts";

const FORMATS: Readonly<Record<string, UsualFormat>> = {
  promql: promqlFormat,
  sql: sqlFormat,
  mysql: mysqlFormat,
  lucene: "lucene",
  regex: "regex",
};

/** The query whose text is filled, and all queries of its panel. */
export interface QueryOfPanel {
  readonly refId: string;
  readonly targets: readonly Target[];
}

let extras: typeof queryExtras | undefined;

/** Loads the module of query extras, which also resolves links to queries. Must be awaited before a query whose language has extras is filled. */
export async function loadQueryExtras(): Promise<void> {
  extras = (await import("./query-extras.ts")).queryExtras;
  setInternalLinks(extras.internalAddress);
}

/** Returns the format in which values of variables are inserted into query texts of a language without extras. */
export const valueFormatOf = ({ valueFormat }: QueryLanguage): UsualFormat => FORMATS[valueFormat] ?? "glob";

/** Replaces the variables in a panel's query. Throws TypeError if the language has extras that are not loaded. */
export const filledQuery = (
  query: JsonObject,
  { language }: Pick<SourceKind, "language">,
  lookup: Lookup,
  panel?: QueryOfPanel,
): JsonObject =>
  language.hasExtras === true
    ? extras!.filledQuery(query, language, lookup, panel)
    : filledTexts(query, language, lookup, valueFormatOf(language));

/** Replaces the variables in the query of a variable, whose texts are all texts of the language. */
export const filledOptionsQuery = <T extends string | JsonObject>(
  query: T,
  { language }: Pick<SourceKind, "language">,
  lookup: Lookup,
): T =>
  language.hasExtras === true
    ? extras!.filledOptionsQuery(query, language, lookup)
    : interpolateJson(query, lookup, valueFormatOf(language));

/**
 * Replaces variables in the texts of a query. Only query texts get values that are formatted for the query language;
 * legends and other texts get plain values.
 */
export function filledTexts(
  query: JsonObject,
  { fields, plainFields = [] }: QueryLanguage,
  lookup: Lookup,
  format: UsualFormat,
): JsonObject {
  if (fields === undefined && plainFields.length === 0) return interpolateJson(query, lookup, format);
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => {
      if (typeof value === "string" && plainFields.includes(key)) return [key, interpolate(value, lookup, "raw")];
      const isLanguage = fields === undefined || fields.includes(key);
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
