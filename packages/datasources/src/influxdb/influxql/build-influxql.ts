import { formatInterval, influxqlTokens } from "@narthex/dashboards";
import type { DataQuery, TimeRange } from "../../data-source.ts";
import { QueryFailure } from "../../query-failure.ts";
import { replaceMacros } from "../../query-growth.ts";
import type { InfluxqlTarget, QueryPart } from "./influxql-target.ts";
import { conditionsOf, filterConditions, isRegex, quotedName, stringLiteral } from "./influxql-conditions.ts";

/** Functions of the query builder. Their first argument is the part of the column before them. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  (
    "bottom count cumulative_sum derivative difference distinct elapsed first holt_winters holt_winters_with_fit " +
    "integral last max mean median min mode moving_average non_negative_derivative non_negative_difference " +
    "percentile spread stddev sum top"
  ).split(" "),
);
const PARAMETER = /^[\w.$+\- ]*$/;
const MATH = /^[\w.$+\-*/%^()" ]*$/;
const COMMENT = /--|\/\*/;
/** Words that would begin another clause of the statement. */
const CLAUSES: ReadonlySet<string> = new Set(
  "select from into where group order limit slimit offset soffset fill tz".split(" "),
);
const COUNT = /^\d{1,12}$/;

/**
 * Returns the text of a query, as Grafana's server writes it, with macros replaced. Parts that may contain values of
 * variables are quoted or checked. Throws QueryFailure for parts that cannot be written.
 */
export function influxqlOf(target: InfluxqlTarget, query: Pick<DataQuery, "range" | "intervalMs">): string {
  const text = target.rawText ?? builtText(target);
  const filters = target.rawText === undefined ? [] : filterConditions(target.adHocFilters);
  return fillMacros(text, query, filters);
}

/**
 * Replaces `$timeFilter`, `$interval`, `$__interval` and `$__interval_ms`.
 * @param filters conditions that are added to the time filter
 */
export function fillMacros(
  text: string,
  { range, intervalMs }: Pick<DataQuery, "range" | "intervalMs">,
  filters: readonly string[] = [],
): string {
  const ms = Math.max(1, Math.round(intervalMs));
  const interval = formatInterval(ms);
  const timeAndFilters = [timeFilter(range), ...filters].join(" AND ");
  return replaceMacros(text, /\$timeFilter|\$__interval_ms|\$__interval|\$interval/g, (macro) => {
    if (macro === "$timeFilter") return timeAndFilters;
    return macro === "$__interval_ms" ? String(ms) : interval;
  });
}

const timeFilter = ({ from, to }: TimeRange): string => `time >= ${Math.floor(from)}ms and time <= ${Math.floor(to)}ms`;

function builtText(target: InfluxqlTarget): string {
  const { select, policy, measurement, groupBy, orderByTime, limit, slimit, timeZone } = target;
  const columns = select.map(columnText).join(", ");
  const from = `${policy === "" ? "" : `${quotedName(policy)}.`}${isRegex(measurement) ? measurement : quotedName(measurement)}`;
  const conditions = conditionsOf(target);
  const where = conditions === "" ? "$timeFilter" : `${conditions} AND $timeFilter`;
  let text = `SELECT ${columns} FROM ${from} WHERE ${where}`;
  for (const [index, group] of groupBy.entries())
    text += `${index === 0 ? " GROUP BY " : group.type === "fill" ? " " : ", "}${groupText(group)}`;
  if (orderByTime !== "") {
    if (!/^(?:asc|desc)$/i.test(orderByTime)) throw refused("order", orderByTime, "ASC or DESC");
    text += ` ORDER BY time ${orderByTime}`;
  }
  if (limit !== "") text += ` limit ${countText("limit", limit)}`;
  if (slimit !== "") text += ` slimit ${countText("slimit", slimit)}`;
  return timeZone === "" ? text : `${text} tz(${stringLiteral(timeZone)})`;
}

function columnText(parts: readonly QueryPart[]): string {
  let text = "";
  for (const { type, params } of parts) {
    const [first = ""] = params;
    if (type === "field" || type === "tag") text = nameText(first);
    else if (type === "math") {
      if (!MATH.test(first) || COMMENT.test(first) || !isTerm(first))
        throw refused("math", first, "an operator and a number, such as * 8");
      text = `${text} ${first}`;
    } else if (type === "alias") text = `${text} AS ${quotedName(first)}`;
    else if (FUNCTIONS.has(type))
      text = `${type}(${[...(text === "" ? [] : [text]), ...params.map(parameterText)].join(", ")})`;
    else throw refused("function", type, "a function that the query builder offers, or write the query as text");
  }
  return text;
}

function groupText({ type, params }: QueryPart): string {
  const [first = ""] = params;
  if (type === "tag") return nameText(first);
  if (type !== "time" && type !== "fill") throw refused("grouping", type, "time, tag or fill");
  const written = params.map((param) => parameterText(type === "time" && param === "auto" ? "$__interval" : param));
  return `${type}(${written.join(", ")})`;
}

function parameterText(param: string): string {
  if (!PARAMETER.test(param) || COMMENT.test(param))
    throw refused("parameter", param, "a number, a duration or a word");
  return param;
}

const countText = (what: string, text: string): string => {
  if (!COUNT.test(text)) throw refused(what, text, "a number");
  return text;
};

/** Quotes the name of a field or tag. The name may end with its kind: `name::tag`. */
function nameText(name: string): string {
  if (name === "*") return name;
  const kind = /::(?:tag|field)$/.exec(name)?.[0] ?? "";
  return quotedName(name.slice(0, name.length - kind.length)) + kind;
}

/** Reports whether all quoted names of a text end in it, and no word begins another clause. */
function isTerm(text: string): boolean {
  const inner = `(${text})`;
  for (const { kind, start, end } of influxqlTokens(inner)) {
    if (kind === "name" && end > text.length + 1) return false;
    if (kind === "word" && CLAUSES.has(inner.slice(start, end).toLowerCase())) return false;
  }
  return true;
}

const refused = (what: string, text: string, remedy: string): QueryFailure =>
  new QueryFailure(400, `the query has the ${what} ${JSON.stringify(text.slice(0, 100))}; write ${remedy}`);
