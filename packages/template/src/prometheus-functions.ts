import { compareBytewise, goLower, goUpper, parseDuration } from "@narthex/model";
import { matchCost, mustCompile, replaceCost, templatePattern } from "./alertmanager-functions.ts";
import { GoDuration } from "./duration.ts";
import { templateFunction, variadicFunction, type FunctionTable } from "./function.ts";
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from "./humanize.ts";
import { FunctionError } from "./problem.ts";
import { escapeQuery } from "./text-escape.ts";
import { GoTime } from "./time.ts";
import { titleCase } from "./title-case.ts";
import { entriesOf, fieldsOf, GoList, QUERY_RESULT, TrustedText, typeName, type Value } from "./value.ts";

/**
 * One element of the list that the template function `query` returns, with fields such as `.Labels.job` and `.Value`.
 */
export interface QuerySample {
  /** Labels of the element, in which a missing label has the value "". */
  readonly Labels: Value;
  readonly Value: Value;
}

/** Data that the functions of rule and console templates need. */
export interface TemplateContext {
  /** Time of the evaluation, Unix ms. The template function `now` returns it. */
  readonly time: number;
  /** External URL of the server, without a slash at the end. */
  readonly externalUrl: string;
  /** Runs an instant query. If it returns a promise, the template must be run with executeAsync(). */
  readonly query: (expression: string) => Promise<readonly QuerySample[]> | readonly QuerySample[];
}

/** Converts a number, a duration (to seconds) or numeric text to a number. */
function toFloat(value: Value): number {
  switch (typeof value) {
    case "number":
      return value;
    case "bigint":
      return Number(value);
    case "string":
      return parseFloatText(value);
  }
  if (value instanceof GoDuration) return value.seconds;
  throw new FunctionError(`can't convert ${typeName(value)} to float`);
}

const SPECIAL: ReadonlyMap<string, number> = new Map([
  ["inf", Infinity],
  ["infinity", Infinity],
  ["nan", NaN],
]);

function parseFloatText(text: string): number {
  const special = SPECIAL.get(text.replace(/^[+-]/, "").toLowerCase());
  if (special !== undefined) return text.startsWith("-") ? -special : special;
  const value = /^[+-]?(?:\d|\.\d)/.test(text) ? Number(text) : NaN;
  if (!Number.isNaN(value)) return value;
  throw new FunctionError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function sampleOf(value: Value): QuerySample {
  const fields = fieldsOf(value);
  if (fields === undefined || !("Labels" in fields)) throw new FunctionError(`not a query sample: ${typeName(value)}`);
  return fields as unknown as QuerySample;
}

const labelOf = (sample: Value, name: string): string =>
  (entriesOf(sampleOf(sample).Labels)?.get(name) as string) ?? "";

const queryResult = (items: readonly Value[]): GoList => new GoList(QUERY_RESULT, items);

function first(items: readonly Value[]): Value {
  if (items.length === 0) throw new FunctionError("first() called on vector with no elements");
  return items[0];
}

function stripPort(address: string): string {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*)):[^:]*$/.exec(address);
  return found === null ? address : (found[1] ?? found[2]!);
}

const isAddress = (host: string): boolean => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || host.includes(":");

function stripDomain(address: string): string {
  const host = stripPort(address);
  if (isAddress(host.replace(/^\[|\]$/g, ""))) return address;
  const port = address.slice(host.length);
  return (host.split(".")[0] ?? "") + port;
}

function signedDuration(text: string): number {
  const negative = text.startsWith("-");
  const seconds = parseDuration(negative ? text.slice(1) : text) / 1000;
  return negative ? -seconds : seconds;
}

function toTime(value: Value): GoTime {
  const seconds = toFloat(value);
  if (!Number.isFinite(seconds) || Math.abs(seconds) >= 9.2e15) {
    throw new FunctionError(`${seconds} cannot be represented as a nanoseconds timestamp since it overflows int64`);
  }
  return GoTime.ofMilliseconds(Math.trunc(seconds * 1000));
}

const link = (expression: string, tab: number): string => `/graph?g0.expr=${escapeQuery(expression)}&g0.tab=${tab}`;

function strings(): FunctionTable {
  return {
    title: templateFunction(["string"], (text: string) => titleCase(text, { lowers: false })),
    toUpper: templateFunction(["string"], goUpper),
    toLower: templateFunction(["string"], goLower),
    match: templateFunction(["string", "string"], (pattern, text) => templatePattern(pattern).test(text), matchCost),
    reReplaceAll: templateFunction(
      ["string", "string", "string"],
      (pattern, replacement, text) => mustCompile(pattern).replaceAll(text, replacement),
      replaceCost,
    ),
    safeHtml: templateFunction(["string"], (text) => new TrustedText("html", text)),
    stripPort: templateFunction(["string"], stripPort),
    stripDomain: templateFunction(["string"], stripDomain),
    urlQueryEscape: templateFunction(["string"], escapeQuery),
    graphLink: templateFunction(["string"], (expression) => link(expression, 0)),
    tableLink: templateFunction(["string"], (expression) => link(expression, 1)),
  };
}

function numbers(): FunctionTable {
  return {
    humanize: templateFunction(["any"], (value) => humanize(toFloat(value))),
    humanize1024: templateFunction(["any"], (value) => humanize1024(toFloat(value))),
    humanizeDuration: templateFunction(["any"], (value) => humanizeDuration(toFloat(value))),
    humanizePercentage: templateFunction(["any"], (value) => humanizePercentage(toFloat(value))),
    humanizeTimestamp: templateFunction(["any"], (value) => humanizeTimestamp(toFloat(value))),
    toTime: templateFunction(["any"], toTime),
    toDuration: templateFunction(["any"], (value) => GoDuration.ofSeconds(toFloat(value))),
    parseDuration: templateFunction(["string"], signedDuration),
  };
}

function samples(): FunctionTable {
  return {
    first: templateFunction(["samples"], first),
    label: templateFunction(["string", "any"], (name, sample) => labelOf(sample, name)),
    value: templateFunction(["any"], (sample) => sampleOf(sample).Value),
    strvalue: templateFunction(["any"], (sample) => labelOf(sample, "__value__")),
    sortByLabel: templateFunction(["string", "samples"], (name, items) =>
      queryResult([...items].sort((a, b) => compareBytewise(labelOf(a, name), labelOf(b, name)))),
    ),
    args: variadicFunction([], "any", (...values) => new Map(values.map((value, i) => [`arg${i}`, value]))),
  };
}

/** The functions that are the same in each context. */
const UNCHANGING: FunctionTable = { ...strings(), ...numbers(), ...samples() };

/** Returns the template functions that Prometheus adds to those of Go, for rule and console templates. */
export const prometheusFunctions = (context: TemplateContext): FunctionTable => ({
  ...UNCHANGING,
  ...contextFunctions(context),
});

/** Returns the functions of prometheusFunctions() that depend on the context. */
export function contextFunctions({ time, externalUrl, query }: TemplateContext): FunctionTable {
  return {
    query: templateFunction(["string"], (expression) => {
      const found = query(expression);
      return "then" in found ? found.then(queryResult) : queryResult(found);
    }),
    now: templateFunction([], () => time / 1000),
    externalURL: templateFunction([], () => externalUrl),
    pathPrefix: templateFunction([], () => new URL(externalUrl).pathname.replace(/\/$/, "")),
  };
}
