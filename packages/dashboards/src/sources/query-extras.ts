import type { JsonObject } from "../model/field-config.ts";
import { internalAddress } from "../links/explore-link.ts";
import { withConditions } from "../variables/conditional-all.ts";
import { influxqlFormat } from "../variables/influxql-format.ts";
import { sqliteFormat } from "../variables/sqlite-format.ts";
import { traceqlFormat } from "../variables/traceql-format.ts";
import { interpolate, interpolateJson, type Lookup, type UsualFormat } from "../variables/variable-syntax.ts";
import { filledTexts, type QueryOfPanel, valueFormatOf } from "./filled-query.ts";
import { withFullText } from "./query-references.ts";
import type { QueryLanguage } from "./source-kind.ts";

function formatOf(language: QueryLanguage): UsualFormat {
  if (language.valueFormat === "influxql") return influxqlFormat;
  if (language.valueFormat === "sqlite") return sqliteFormat;
  return language.valueFormat === "traceql" ? traceqlFormat : valueFormatOf(language);
}

/** Replaces the conditions in texts of the language. */
function withConditionsIn<T extends string | JsonObject>(query: T, language: QueryLanguage, lookup: Lookup): T {
  if (language.hasConditions !== true) return query;
  if (typeof query === "string") return withConditions(query, lookup) as T;
  const { fields } = language;
  const entries = Object.entries(query).map(([key, value]) => {
    const isText = typeof value === "string" && (fields === undefined || fields.includes(key));
    return [key, isText ? withConditions(value, lookup) : value];
  });
  return Object.fromEntries(entries) as T;
}

function filledQuery(query: JsonObject, language: QueryLanguage, lookup: Lookup, panel?: QueryOfPanel): JsonObject {
  const { references } = language;
  const filled = filledTexts(withConditionsIn(query, language, lookup), language, lookup, formatOf(language));
  if (references === undefined || panel === undefined) return filled;
  const texts = panel.targets.map(({ refId, source }) => {
    const text = source[references.field];
    return [refId, typeof text === "string" ? interpolate(text, lookup) : ""] as const;
  });
  return withFullText(filled, panel.refId, references, new Map(texts));
}

const filledOptionsQuery = <T extends string | JsonObject>(query: T, language: QueryLanguage, lookup: Lookup): T =>
  interpolateJson(withConditionsIn(query, language, lookup), lookup, formatOf(language));

/** The work for query languages that few data sources have. Pages load this module only for such sources. */
export const queryExtras = { filledQuery, filledOptionsQuery, internalAddress };
