import { formatTime } from "../time/format-time.ts";
import { browserTimeZone } from "../time/time-zone.ts";
import { promqlStringFormat } from "./promql-format.ts";
import { sqlLiteral } from "./sql-literal.ts";
import type { BoundVariable } from "./variable-syntax.ts";

export type Formatter = (variable: BoundVariable) => string;

/**
 * A format that depends on the position of the variable in the text, for example inside a PromQL string. The inner
 * function must be called with ascending positions.
 */
export interface PlacedFormat {
  readonly in: (text: string) => (index: number) => Formatter;
  /** Formatters that replace named formats such as `sqlstring`, by the name in the reference. */
  readonly named?: Readonly<Record<string, Formatter>>;
}

const escapeRegex = (value: string): string => value.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
const quoted =
  (mark: string, escape: (value: string) => string): Formatter =>
  ({ values }) =>
    values.map((value) => `${mark}${escape(value)}${mark}`).join(",");

const encodeQuotes = (text: string): string =>
  text.replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Percent-encodes a text by RFC 3986, including the characters that `encodeURIComponent` leaves unchanged. */
const percentEncode = (text: string): string => encodeQuotes(encodeURIComponent(text.toWellFormed()));

/** Encodes a URL parameter as Grafana does: some characters, such as `:` and `$`, stay unchanged. */
const encodeParameter = (text: string): string =>
  percentEncode(text).replaceAll(/%(?:40|3A|24|2C|3B)/g, decodeURIComponent);

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&quot;",
};
const escapeHtml = (text: string): string => text.replaceAll(/[&<>'"]/g, (character) => ENTITIES[character]!);

const isList = ({ values, isList: is = values.length !== 1 }: BoundVariable): boolean => is || values.length !== 1;

const glob: Formatter = ({ values }) => (values.length === 1 ? values[0]! : `{${values.join(",")}}`);
const braced: Formatter = (variable) => (isList(variable) ? `{${variable.values.join(",")}}` : variable.values[0]!);

const escapeLucene = (value: string): string => value.replaceAll(/[+\-&|!(){}[\]^"~*?:\\/ ]/g, String.raw`\$&`);

/**
 * Functions that format a variable, by the name in a reference such as `${name:csv}`. The text after a further colon is
 * the argument of the function.
 */
const FORMATS: Readonly<Record<string, (variable: BoundVariable, argument: string) => string>> = {
  raw: ({ values }) => values.join(","),
  none: ({ values }) => values.join(","),
  regex: ({ values }) => {
    const escaped = values.map(escapeRegex);
    return escaped.length === 1 ? escaped[0]! : `(${escaped.join("|")})`;
  },
  pipe: ({ values }) => values.join("|"),
  csv: ({ values }) => values.join(","),
  glob,
  json: (variable) => (isList(variable) ? JSON.stringify(variable.values) : variable.values[0]!),
  html: ({ values }) => escapeHtml(values.join(", ")),
  doublequote: quoted('"', (value) => value.replaceAll('"', String.raw`\"`)),
  singlequote: quoted("'", (value) => value.replaceAll("'", String.raw`\'`)),
  sqlstring: ({ values }) => values.map(sqlLiteral).join(","),
  percentencode: (variable) => percentEncode(braced(variable)),
  uriencode: (variable) => encodeQuotes(encodeURI(braced(variable).toWellFormed())),
  queryparam: ({ name, values, addressValues = values }) =>
    addressValues.map((value) => `${encodeParameter(`var-${name}`)}=${encodeParameter(value)}`).join("&"),
  customqueryparam: ({ name, values }, argument) => {
    const [as = name, prefix = ""] = argument === "" ? [] : argument.split(":");
    return values.map((value) => `${percentEncode(as)}=${percentEncode(prefix + value)}`).join("&");
  },
  text: ({ texts }) => texts.join(" + "),
  join: ({ values }, argument) => values.join(argument === "" ? "," : argument),
  lucene: ({ values }) =>
    values.length === 1
      ? escapeLucene(values[0]!)
      : values.length === 0
        ? "__empty__"
        : `(${values.map((value) => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`).join(" OR ")})`,
  distributed: ({ name, values }) => values.map((value, at) => (at === 0 ? value : `${name}=${value}`)).join(","),
  date: ({ values }, argument) => {
    const ms = Number.parseInt(values[0] ?? "", 10);
    if (Number.isNaN(ms)) return "NaN";
    if (argument === "ms" || Math.abs(ms) > 8.64e15) return values[0]!;
    if (argument === "" || argument === "iso") return new Date(ms).toISOString();
    if (argument === "seconds") return String(Math.round(ms / 1000));
    return formatTime(ms, browserTimeZone(), argument);
  },
  promql: (variable) => promqlStringFormat(variable),
};

/** Returns a variable's values in a format. An unknown format is treated as `glob`. */
export function formatValues(variable: BoundVariable, format: Formatter | string): string {
  if (typeof format === "function") return variable.isVerbatim ? variable.values.join(",") : format(variable);
  const colon = format.indexOf(":");
  const name = colon < 0 ? format : format.slice(0, colon);
  if (variable.isVerbatim && !OF_VERBATIM.has(name)) return variable.values.join(",");
  const write = Object.hasOwn(FORMATS, name) ? FORMATS[name]! : FORMATS["glob"]!;
  return write(variable, colon < 0 ? "" : format.slice(colon + 1));
}

/** Formats that apply even to variables whose value is otherwise inserted unchanged. */
const OF_VERBATIM: ReadonlySet<string> = new Set([
  "text",
  "queryparam",
  "customqueryparam",
  "percentencode",
  "uriencode",
  "date",
  "json",
  "html",
]);
