import type { Matcher } from "@narthex/model";
import { type Expr, parseExpression, walk } from "@narthex/promql";

/** The data that the queries of a dashboard read: their selectors as written, and every label that the queries use. */
export interface QueriedSeries {
  readonly selectors: readonly { readonly name: string; readonly matchers: readonly Matcher[] }[];
  readonly labels: ReadonlySet<string>;
  /**
   * Label values that the queries of dashboard variables require, by label. All generated series get these values,
   * because the panels' queries select series by these labels.
   */
  readonly preferred: ReadonlyMap<string, readonly string[]>;
  /**
   * Port in the instance labels of generated series: the first port of the form 9xxx in the dashboard, otherwise 9100.
   */
  readonly port: string;
  /** Names of counters: metrics to which a function such as rate() is applied. */
  readonly counters: ReadonlySet<string>;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;
const texts = (value: unknown): string[] => (typeof value === "string" ? [value] : []);

const RATES = new Set(["rate", "irate", "increase"]);
const QUERY_KEYS = new Set(["expr", "query", "definition", "queryText"]);
const VARIABLE = /\$\{?(\w+)(?:[.:][\w.:]+)?\}?|\[\[(\w+)(?::\w+)?\]\]/g;

/** Yields every object in a JSON value, at any depth. */
function* objectsIn(value: unknown): Generator<Json> {
  if (!isObject(value)) return;
  yield value;
  for (const one of Object.values(value)) yield* objectsIn(one);
}

/** Returns the saved values of dashboard variables, by variable name. */
function writtenValues(dashboard: Json): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, type, query, current } of objectsIn(dashboard["templating"])) {
    if (typeof name !== "string" || type === "query" || type === "datasource") continue;
    const chosen = isObject(current) ? [current["value"]].flat() : [];
    const value = texts(chosen[0])[0] ?? texts(query)[0]?.split(",")[0]?.split(" : ").at(-1);
    if (value !== undefined) found.set(name, value.startsWith("$__") ? ".*" : value.trim());
  }
  return found;
}

/** Replaces the dashboard variables in a query by their values. A variable without a value is replaced by `unknown`. */
function filled(text: string, values: ReadonlyMap<string, string>, unknown: string): string {
  return text
    .replaceAll(/\[[^\]"]*\$[^\]"]*\]/g, "[5m]")
    .replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, (quoted) =>
      quoted.replaceAll(VARIABLE, (_, a: string, b: string) => values.get(a ?? b) ?? ".*"),
    )
    .replaceAll(VARIABLE, (_, a: string, b: string) => {
      const name = a ?? b;
      return name.startsWith("__") ? "300" : (values.get(name) ?? unknown);
    });
}

function parsed(text: string, values: ReadonlyMap<string, string>): Expr | undefined {
  for (const unknown of ["1", "made_up", "300s"]) {
    const result = parseExpression(filled(text, values, unknown));
    if (result.ok) return result.expr;
  }
  return undefined;
}

/** Parses a variable's query, such as `label_values(selector, label)`, into its selector and label. */
function variableQuery(text: string): { readonly expr: string; readonly label: string | undefined } | undefined {
  const inner = /^\s*(?:label_values|query_result|metrics)\((.*)\)\s*$/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  const split = /^(.*),\s*(\w+)\s*$/s.exec(inner);
  return split === null ? { expr: inner, label: /^\w+$/.exec(inner)?.[0] } : { expr: split[1]!, label: split[2] };
}

/** Collects the queries of a dashboard: those of panels, variables and annotations. */
export function queriedSeries(dashboard: Json): QueriedSeries {
  const values = writtenValues(dashboard);
  const selectors: { name: string; matchers: readonly Matcher[] }[] = [];
  const labels = new Set<string>();
  const counters = new Set<string>();
  const preferred = new Map<string, readonly string[]>();
  const read = (text: string): void => {
    const variable = variableQuery(text);
    if (variable?.label !== undefined) labels.add(variable.label);
    const expr = parsed(variable?.expr ?? text, values);
    if (expr === undefined) return;
    walk(expr, (node, path) => {
      if (node.kind === "aggregate") for (const label of node.grouping) labels.add(label);
      if (node.kind === "binary")
        for (const label of [...(node.matching?.labels ?? []), ...(node.matching?.include ?? [])]) labels.add(label);
      if (node.kind !== "vectorSelector") return;
      const named = node.matchers.find(({ name }) => name === "__name__");
      if (named === undefined) return;
      const names = exampleTexts(named);
      for (const name of names) {
        const matchers = node.matchers.filter((one) => one !== named);
        for (const matcher of matchers) {
          labels.add(matcher.name);
          const examples = variable === undefined ? [] : exampleTexts(matcher);
          if (examples.length > 0 && !preferred.has(matcher.name)) preferred.set(matcher.name, examples);
        }
        selectors.push({ name, matchers });
        if (path.some((above) => above.kind === "call" && RATES.has(above.func))) counters.add(name);
      }
    });
  };
  for (const object of objectsIn(dashboard)) {
    for (const [key, value] of Object.entries(object)) if (QUERY_KEYS.has(key)) texts(value).forEach(read);
    for (const legend of texts(object["legendFormat"]))
      for (const [, label] of legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) labels.add(label!);
  }
  const port = /[\w}]:(9\d{3})\b/.exec(JSON.stringify(dashboard))?.[1] ?? "9100";
  return { selectors, labels, preferred, counters, port };
}

/**
 * Returns example values that a label matcher accepts. Returns none if the matcher accepts nearly all values, or if no
 * example can be derived.
 */
export function exampleTexts({ type, value }: Matcher): string[] {
  if (type === "=") return value === "" || value === ".*" ? [] : [value];
  if (type !== "=~") return [];
  return alternatives(value).flatMap((one) => {
    if (isOwnMatch(one)) return [one];
    if (/^\(?(?:\.[*+]|\^?\$?)\)?$/.test(one)) return [];
    const plain = one
      .replaceAll(/\((?:\?:)?([^()|]*)(?:\|[^()]*)?\)\??/g, "$1")
      .replaceAll(/\[(?:\^[^\]]*|(.)[^\]]*)\][*+?]?/g, (_, first: string | undefined) => first ?? "x")
      .replaceAll(/\\d[*+]?/g, "1")
      .replaceAll(/(?<!\\)\.[*+]\??/g, "x")
      .replaceAll(/(?<!\\)\./g, "0")
      .replaceAll(/[\\^$?*+]/g, "");
    return plain === "" ? [] : [plain];
  });
}

/** Reports whether a regular expression contains no operators and so matches its own text. */
const isOwnMatch = (pattern: string): boolean => /^[\w.:-]+$/.test(pattern);

/** Splits a regular expression at the `|` operators outside of parentheses. */
function alternatives(pattern: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of pattern) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (char === "|" && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts;
}
