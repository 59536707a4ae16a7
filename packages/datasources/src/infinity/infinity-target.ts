import type { JsonObject } from "@narthex/dashboards";
import { flagAt, listAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { QueryFailure } from "../query-failure.ts";

/** Largest number of columns, filters and parameters of a target. */
const MAX_ENTRIES = 1000;

export type ColumnKind = "string" | "number" | "boolean" | "timestamp" | "timestamp_epoch" | "timestamp_epoch_s";

/** A column that the target selects from each row. */
export interface TargetColumn {
  readonly selector: string;
  readonly name: string;
  readonly kind: ColumnKind;
}

export interface TargetFilter {
  readonly field: string;
  readonly operator: string;
  readonly values: readonly string[];
}

type Pair = readonly [name: string, value: string];

/** How CSV is read. */
export interface CsvOptions {
  readonly delimiter: string;
  readonly comment: string;
  /** Names of the columns if the first line does not contain them. */
  readonly names: readonly string[];
  readonly skipsEmptyLines: boolean;
  readonly skipsWrongLines: boolean;
}

/** A query for the rows of a document. */
export interface InfinityTarget {
  readonly type: "json" | "csv" | "xml";
  /** The document itself, or undefined if it is requested from the URL. */
  readonly inline: string | undefined;
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly parameters: readonly Pair[];
  readonly headers: readonly Pair[];
  readonly body: { readonly type: string; readonly text: string } | undefined;
  readonly rootSelector: string;
  readonly columns: readonly TargetColumn[];
  readonly filters: readonly TargetFilter[];
  readonly isTimeSeries: boolean;
  readonly csv: CsvOptions;
  /** Whether the target asks for further pages, which are not requested. */
  readonly hasPages: boolean;
}

const KINDS: ReadonlySet<string> = new Set([
  "number",
  "boolean",
  "timestamp",
  "timestamp_epoch",
  "timestamp_epoch_s",
] satisfies ColumnKind[]);

/** Parses a target. Throws QueryFailure for a target that cannot be answered. */
export function readInfinityTarget(source: JsonObject): InfinityTarget {
  const type = textAt(source, "type") || "json";
  const kind = type === "tsv" ? "csv" : type === "graphql" ? "json" : type;
  if (kind !== "json" && kind !== "csv" && kind !== "xml")
    throw unsupported(`the type "${type}"`, "use json, csv, tsv, xml or graphql");
  const from = textAt(source, "source") || "url";
  if (from !== "url" && from !== "inline") throw unsupported(`the source "${from}"`, "use url or inline");
  checkParser(source);
  const options = objectAt(source, "url_options") ?? {};
  const pages = textAt(source, "pagination_mode");
  return {
    type: kind,
    inline: from === "inline" ? textAt(source, "data") : undefined,
    url: textAt(source, "url").trim(),
    ...requestOf(options, type === "graphql"),
    rootSelector: textAt(source, "root_selector").trim(),
    columns: columnsOf(source),
    filters: filtersOf(source),
    isTimeSeries: textAt(source, "format") === "timeseries",
    csv: csvOptions(objectAt(source, "csv_options") ?? {}, type === "tsv"),
    hasPages: pages !== "" && pages !== "none",
  };
}

const unsupported = (what: string, advice: string): QueryFailure =>
  new QueryFailure(400, `${what} is not supported; ${advice}`);

/** Throws QueryFailure for parsers with a language of their own, because their work has no limits. */
function checkParser(source: JsonObject): void {
  const parser = textAt(source, "parser");
  if (!["", "simple", "backend"].includes(parser))
    throw unsupported(`the parser "${parser}"`, "use simple or backend, with a root selector and columns");
  for (const key of ["filterExpression", "summarizeExpression"])
    if (textAt(source, key).trim() !== "") throw unsupported(key, "use filters, or a transformation of the panel");
  if (objectsAt(source, "computed_columns").some((one) => textAt(one, "selector") !== ""))
    throw unsupported("a computed column", 'use the transformation "Add field from calculation"');
}

function requestOf(
  options: JsonObject,
  isGraphql: boolean,
): Pick<InfinityTarget, "method" | "parameters" | "headers" | "body"> {
  const method = (textAt(options, "method") || (isGraphql ? "POST" : "GET")).toUpperCase();
  if (method !== "GET" && method !== "POST") throw unsupported(`the method "${method}"`, "use GET or POST");
  return {
    method,
    parameters: pairsAt(options, "params"),
    headers: pairsAt(options, "headers"),
    body: method === "GET" ? undefined : bodyOf(options, isGraphql),
  };
}

function bodyOf(options: JsonObject, isGraphql: boolean): { readonly type: string; readonly text: string } {
  const type = textAt(options, "body_type") || (isGraphql ? "graphql" : "raw");
  switch (type) {
    case "raw":
      return {
        type: textAt(options, "body_content_type") || "text/plain",
        text: textAt(options, "data"),
      };
    case "graphql": {
      const query = textAt(options, "body_graphql_query") || textAt(options, "data");
      const variables = textAt(options, "body_graphql_variables");
      return {
        type: "application/json",
        text: JSON.stringify({ query, ...(variables !== "" && { variables: parsed(variables) }) }),
      };
    }
    case "x-www-form-urlencoded":
      return {
        type: "application/x-www-form-urlencoded",
        text: String(
          new URLSearchParams(pairsAt(options, "body_form").map(([name, value]): [string, string] => [name, value])),
        ),
      };
    default:
      throw unsupported(`the body type "${type}"`, "use raw, graphql or x-www-form-urlencoded");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new QueryFailure(400, "the variables of the GraphQL query are not JSON");
  }
}

const pairsAt = (source: JsonObject, key: string): readonly Pair[] =>
  objectsAt(source, key)
    .slice(0, MAX_ENTRIES)
    .map((one): Pair => [textAt(one, "key"), textAt(one, "value")])
    .filter(([name]) => name !== "");

const columnsOf = (source: JsonObject): readonly TargetColumn[] =>
  objectsAt(source, "columns")
    .slice(0, MAX_ENTRIES)
    .map((one) => {
      const [selector, type] = [textAt(one, "selector"), textAt(one, "type")];
      const kind = KINDS.has(type) ? (type as ColumnKind) : "string";
      return { selector, name: textAt(one, "text") || selector, kind };
    })
    .filter(({ selector }) => selector !== "");

const filtersOf = (source: JsonObject): readonly TargetFilter[] =>
  objectsAt(source, "filters")
    .slice(0, MAX_ENTRIES)
    .map((one) => ({
      field: textAt(one, "field"),
      operator: textAt(one, "operator"),
      values: listAt(one, "value").map((value) =>
        typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "",
      ),
    }))
    .filter(({ field }) => field !== "");

function csvOptions(options: JsonObject, isTabbed: boolean): CsvOptions {
  const delimiter = textAt(options, "delimiter").replace(String.raw`\t`, "\t");
  return {
    delimiter: isTabbed ? "\t" : delimiter === "" ? "," : delimiter,
    comment: textAt(options, "comment"),
    names: textAt(options, "columns")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    skipsEmptyLines: flagAt(options, "skip_empty_lines") === true,
    skipsWrongLines: flagAt(options, "skip_lines_with_error") === true,
  };
}
