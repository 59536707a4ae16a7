import type { JsonObject } from "@narthex/dashboards";
import { quote } from "@narthex/model";
import { textAt, textsAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

/** Largest number of filters of a search. */
const MAX_FILTERS = 100;
const OPERATORS: ReadonlySet<string> = new Set(["=", "!=", "=~", "!~", ">", ">=", "<", "<="]);
const SCOPES: ReadonlySet<string> = new Set(["resource", "span", "event", "link", "instrumentation"]);
/** A name of an attribute that needs no quotes. */
const PLAIN_NAME = /^[A-Za-z_][\w./-]*$/;
/** A number, a duration, or a keyword such as `error` or `true`. Other values are written as strings. */
const PLAIN_VALUE = /^(?:-?\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h)?|[a-z]+)$/;

/**
 * Writes the filters of a search as a query in TraceQL. Names and values are always literals, so that they cannot change
 * the query. Filters without a value are left out. Throws QueryFailure if an operator is unknown.
 */
export function filtersToTraceql(filters: readonly JsonObject[]): string {
  const ofTrace = filters.some((one) => textAt(one, "id") === "duration-type" && firstValue(one) === "trace");
  const conditions = filters
    .slice(0, MAX_FILTERS)
    .filter((one) => textAt(one, "tag") !== "" && valuesOf(one).length > 0)
    .map((one) => condition(one, ofTrace));
  return `{${conditions.join(" && ")}}`;
}

function condition(filter: JsonObject, durationsAreOfTrace: boolean): string {
  const operator = textAt(filter, "operator") || "=";
  if (!OPERATORS.has(operator))
    throw new QueryFailure(
      400,
      `filter on ${textAt(filter, "tag")}: operator "${operator}" is not one of ${[...OPERATORS].join(", ")}`,
    );
  return `${nameOf(filter, durationsAreOfTrace)}${operator}${valueText(filter)}`;
}

function nameOf(filter: JsonObject, durationsAreOfTrace: boolean): string {
  const [tag, scope] = [textAt(filter, "tag"), textAt(filter, "scope")];
  if (tag === "duration" && durationsAreOfTrace) return "traceDuration";
  const name = PLAIN_NAME.test(tag) ? tag : quote(tag);
  // An intrinsic value, such as the duration of a span, has no scope. Its name is one of the language, and its colon
  // separates it from attributes.
  if (scope === "intrinsic") return /^[a-z]+(?::[a-zA-Z]+)?$/i.test(tag) ? tag : `.${name}`;
  return `${SCOPES.has(scope) ? scope : ""}.${name}`;
}

function valueText(filter: JsonObject): string {
  const values = valuesOf(filter);
  if (values.length > 1) return quote(values.join("|"));
  const isString = textAt(filter, "valueType") === "string" || !PLAIN_VALUE.test(values[0]!);
  return isString ? quote(values[0]!) : values[0]!;
}

const firstValue = (filter: JsonObject): string => valuesOf(filter)[0] ?? "";

function valuesOf(filter: JsonObject): readonly string[] {
  const single = textAt(filter, "value");
  return single === "" ? textsAt(filter, "value").filter((value) => value !== "") : [single];
}
