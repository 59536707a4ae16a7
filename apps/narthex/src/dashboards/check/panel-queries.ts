import {
  type BoundVariable,
  type Dashboard,
  type DataSourceRef,
  flatPanels,
  interpolate,
  jsonOptions,
  listedOptions,
  type Panel,
  promqlFormat,
  type Target,
  type Variable,
} from "@narthex/dashboards";
import { dataSourceKind } from "@narthex/datasources";
import { type Expr, type ExpressionResult, parseExpression } from "@narthex/promql";
import { formatDuration } from "@narthex/model";
import type { Problem } from "./finding.ts";

/** A panel's PromQL query, parsed. */
export interface PanelQuery {
  readonly panel: Panel;
  readonly target: Target;
  readonly path: string;
  readonly text: string;
  readonly expr: Expr;
}

/**
 * Placeholder for a variable whose value is unknown. Names that contain the placeholder are not looked up on the
 * server.
 */
export const UNKNOWN = "narthex_variable";

/**
 * Replacements for a variable whose value is unknown: a name, a number and a duration. At least one of the three is
 * valid PromQL at any position of a variable.
 */
const STAND_INS = [UNKNOWN, "1", "5m"];
/**
 * Maximum number of variables in an expression for which all combinations of values are tried. With more variables, all
 * of them get the same value.
 */
const MAX_COMBINED = 4;

const isReference = (text: string): boolean => text.includes("$");

/** Returns the type of the data source that receives a query. Undefined if it is not known. */
function sourceTypeOf(reference: DataSourceRef | undefined, variables: readonly Variable[]): string | undefined {
  if (reference?.type !== undefined && !isReference(reference.type)) return reference.type;
  const name = /^\$\{?(\w+)/.exec(reference?.uid ?? "")?.[1];
  const variable = variables.find((one) => one.type === "datasource" && one.name === name);
  return typeof variable?.query === "string" && variable.query !== "" ? variable.query : undefined;
}

export const targetSourceType = (dashboard: Dashboard, panel: Panel, target: Target): string | undefined =>
  sourceTypeOf(target.datasource ?? panel.datasource, dashboard.variables);

/**
 * Returns the value of a variable that the dashboard file contains. Undefined if the value is set only when the
 * dashboard is opened.
 */
function savedValue({ type, current, query, includeAll, source }: Variable): string | undefined {
  if (type === "query" || type === "datasource" || type === "adhoc" || type === "groupby") return undefined;
  const text = typeof query === "string" ? query : "";
  const isJson = type === "custom" && source["valuesFormat"] === "json";
  const listed = isJson ? jsonOptions(text).options : listedOptions(text);
  const written = type === "custom" || type === "interval" ? listed[0]?.value : text;
  const value = current[0]?.value ?? written;
  if (value === undefined || value === "" || value.startsWith("$__") || (includeAll && current.length > 1)) {
    return type === "interval" ? "5m" : undefined;
  }
  return value;
}

/** Replaces the variables of an expression by their values. An unknown variable is replaced by one of the STAND_INS. */
function filled(
  expr: string,
  variables: readonly Variable[],
  standInOf: (name: string) => string,
  scrapeMs: number,
): string {
  const plain = (name: string, value: string): BoundVariable => ({
    name,
    values: [value],
    texts: [value],
    isMulti: false,
    isVerbatim: true,
  });
  const builtIns: Readonly<Record<string, string>> = {
    __interval: formatDuration(scrapeMs),
    __interval_ms: String(scrapeMs),
    // Uses the smallest value that a data source gives to `$__rate_interval`: four scrape intervals.
    __rate_interval: formatDuration(4 * scrapeMs),
    __rate_interval_ms: String(4 * scrapeMs),
    __range: "1h",
    __range_s: "3600",
    __range_ms: "3600000",
    __from: "1700000000000",
    __to: "1700003600000",
  };
  return interpolate(
    expr,
    (name) => {
      if (Object.hasOwn(builtIns, name)) return plain(name, builtIns[name]!);
      const variable = variables.find((one) => one.name === name);
      return plain(name, (variable === undefined ? undefined : savedValue(variable)) ?? standInOf(name));
    },
    promqlFormat,
  );
}

/**
 * Parses an expression with possible values of its variables. Returns the first failure if no combination of values can
 * be parsed.
 */
function parseFilled(text: string, variables: readonly Variable[], scrapeMs: number): ExpressionResult {
  const queried = new Set<string>();
  const parse = (choice: (index: number) => string): ExpressionResult => {
    const standInOf = (name: string): string => choice([...queried.add(name)].indexOf(name));
    return parseExpression(filled(text, variables, standInOf, scrapeMs));
  };
  const first = parse(() => UNKNOWN);
  if (first.ok || queried.size === 0) return first;
  const isCombined = queried.size <= MAX_COMBINED;
  const count = STAND_INS.length ** (isCombined ? queried.size : 1);
  for (let combination = 1; combination < count; combination++) {
    const result = parse((index) => {
      const digit = isCombined ? Math.floor(combination / STAND_INS.length ** index) : combination;
      return STAND_INS[digit % STAND_INS.length]!;
    });
    if (result.ok) return result;
  }
  return first;
}

/** Parses the PromQL queries of a dashboard, and reports queries with syntax errors. */
export function panelQueries(dashboard: Dashboard, scrapeMs: number, report: (problem: Problem) => void): PanelQuery[] {
  const queries: PanelQuery[] = [];
  for (const panel of flatPanels(dashboard.panels)) {
    panel.targets.forEach((target, i) => {
      const text = target.source["expr"];
      const type = targetSourceType(dashboard, panel, target);
      const isPromql = type === undefined || dataSourceKind(type)?.types[0] === "prometheus";
      if (typeof text !== "string" || text.trim() === "" || !isPromql) return;
      const path = `targets[${i}].expr`;
      const result = parseFilled(text, dashboard.variables, scrapeMs);
      if (result.ok) queries.push({ panel, target, path, text, expr: result.expr });
      else {
        const message = `query ${target.refId} does not parse: ${result.errors[0].toString()}`;
        report({ severity: "error", check: "query-syntax", message, panel, path });
      }
    });
  }
  return queries;
}
