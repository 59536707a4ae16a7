import {
  type BoundVariable,
  type Dashboard,
  type DataSourceRef,
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

/** A query in PromQL of a panel, parsed. */
export interface PanelQuery {
  readonly panel: Panel;
  readonly target: Target;
  /** Of the expression within the panel. */
  readonly path: string;
  /** As it is written. */
  readonly text: string;
  readonly expr: Expr;
}

/** What a variable whose value nobody knows stands for; names that hold it are not looked up. */
export const UNKNOWN = "narthex_variable";

/** A name, a number, a duration: one of them fits where a variable stands. */
const STAND_INS = [UNKNOWN, "1", "5m"];
/** Variables of an expression for which all combinations are tried; of more each has the same. */
const MOST_COMBINED = 4;

/** All panels, those in rows too. */
export const panelsOf = (panels: readonly Panel[]): Panel[] =>
  panels.flatMap((panel) => [panel, ...panelsOf(panel.panels)]);

const isReference = (text: string): boolean => text.includes("$");

/** The type of the source that a query is sent to; undefined where nothing says it. */
function sourceTypeOf(reference: DataSourceRef | undefined, variables: readonly Variable[]): string | undefined {
  if (reference?.type !== undefined && !isReference(reference.type)) return reference.type;
  const name = /^\$\{?(\w+)/.exec(reference?.uid ?? "")?.[1];
  const variable = variables.find((one) => one.type === "datasource" && one.name === name);
  return typeof variable?.query === "string" && variable.query !== "" ? variable.query : undefined;
}

export const targetSourceType = (dashboard: Dashboard, panel: Panel, target: Target): string | undefined =>
  sourceTypeOf(target.datasource ?? panel.datasource, dashboard.variables);

/** What a variable has in the file; undefined where it is filled when the dashboard is opened. */
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

/** An expression with its variables filled, those that are not known by a stand-in. */
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
    // The source never gives it less than four scrapes.
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

/** Parses an expression with what its variables may be; the first failure where nothing fits. */
function parseFilled(text: string, variables: readonly Variable[], scrapeMs: number): ExpressionResult {
  const asked = new Set<string>();
  const parse = (choice: (index: number) => string): ExpressionResult => {
    const standInOf = (name: string): string => choice([...asked.add(name)].indexOf(name));
    return parseExpression(filled(text, variables, standInOf, scrapeMs));
  };
  const first = parse(() => UNKNOWN);
  if (first.ok || asked.size === 0) return first;
  const isCombined = asked.size <= MOST_COMBINED;
  const count = STAND_INS.length ** (isCombined ? asked.size : 1);
  for (let combination = 1; combination < count; combination++) {
    const result = parse((index) => {
      const digit = isCombined ? Math.floor(combination / STAND_INS.length ** index) : combination;
      return STAND_INS[digit % STAND_INS.length]!;
    });
    if (result.ok) return result;
  }
  return first;
}

/** Parses the queries of a dashboard that are PromQL; those that do not parse are told. */
export function panelQueries(dashboard: Dashboard, scrapeMs: number, report: (problem: Problem) => void): PanelQuery[] {
  const queries: PanelQuery[] = [];
  for (const panel of panelsOf(dashboard.panels)) {
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
