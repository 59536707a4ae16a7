import { createHash } from "node:crypto";
import { type FunctionTable, FunctionError, templateFunction, variadicFunction } from "@narthex/template";
import { parse, stringify } from "yaml";

/** A value in a Helm template. Maps are JavaScript Maps, and integers are bigint. */
export type HelmValue = unknown;
export type HelmMap = Map<string, HelmValue>;

/** Parses YAML as Helm does. */
export const readYaml = (text: string): HelmValue => parse(text, { intAsBigInt: true, mapAsMap: true }) as HelmValue;

const isEmpty = (value: HelmValue): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === "" ||
  value === 0n ||
  value === 0 ||
  (Array.isArray(value) && value.length === 0) ||
  (value instanceof Map && value.size === 0);

/** Converts Maps in a Helm value to objects, because the YAML 1.1 writer prints Maps differently. */
const plain = (value: HelmValue): unknown => {
  if (value instanceof Map)
    return Object.fromEntries([...(value as HelmMap)].map(([key, child]) => [key, plain(child)]));
  return Array.isArray(value) ? value.map(plain) : value;
};

/** Formats a Helm value as YAML. Texts that are booleans in YAML 1.1 are quoted. */
const toYaml = (value: HelmValue): string =>
  stringify(plain(value ?? null), {
    version: "1.1",
    sortMapEntries: true,
    lineWidth: 0,
    aliasDuplicateObjects: false,
  }).replace(/\n$/, "");

const toJson = (value: HelmValue): string =>
  JSON.stringify(value, (_, child: unknown) =>
    child instanceof Map ? Object.fromEntries(child) : typeof child === "bigint" ? Number(child) : child,
  );

const copy = (value: HelmValue): HelmValue => {
  if (value instanceof Map) return new Map([...value].map(([key, child]) => [key, copy(child)]));
  return Array.isArray(value) ? value.map(copy) : value;
};

const indent = (width: bigint, text: string): string => {
  const pad = " ".repeat(Number(width));
  return pad + text.replaceAll("\n", `\n${pad}`);
};

const text = (value: HelmValue): string => {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  return typeof value === "bigint" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : toJson(value);
};

/** Returns the argument of a Helm function as a map. Throws Helm's error for any other value. */
function mapOf(name: string, value: HelmValue): HelmMap {
  if (value instanceof Map) return value as HelmMap;
  throw new FunctionError(`${name}: not a map: ${text(value)}`);
}

/** Adds the keys of the source map that the target map lacks, recursively. */
function merge(target: HelmMap, source: HelmMap): HelmMap {
  for (const [key, value] of source) {
    const own = target.get(key);
    if (own instanceof Map && value instanceof Map) merge(own as HelmMap, value as HelmMap);
    else if (isEmpty(own)) target.set(key, copy(value));
  }
  return target;
}

function dictionary(...pairs: readonly HelmValue[]): HelmMap {
  const map: HelmMap = new Map();
  for (let i = 0; i < pairs.length; i += 2) map.set(text(pairs[i]), pairs[i + 1]);
  return map;
}

function parsedUrl(url: string): HelmMap {
  const { protocol, host, pathname, search } = new URL(url);
  return dictionary(
    "scheme",
    protocol.replace(":", ""),
    "host",
    host,
    "path",
    pathname === "/" && !url.endsWith("/") ? "" : pathname,
    "query",
    search,
  );
}

function splitted(separator: string, count: bigint, whole: string): HelmMap {
  const parts = whole.split(separator);
  const limit = Number(count);
  const kept = parts.length <= limit ? parts : [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)];
  return dictionary(...kept.flatMap((part, i) => [`_${i}`, part]));
}

const KINDS: readonly (readonly [kind: string, is: (value: HelmValue) => boolean])[] = [
  ["string", (value) => typeof value === "string"],
  ["bool", (value) => typeof value === "boolean"],
  ["map", (value) => value instanceof Map],
  ["slice", (value) => Array.isArray(value)],
];

/**
 * The Helm functions that the chart calls. `include` and `tpl` are defined elsewhere, because they need the chart's
 * templates.
 */
export const HELM_FUNCTIONS: FunctionTable = {
  append: templateFunction(["list", "any"], (list, value) => [...list, value]),
  concat: variadicFunction([], "list", (...lists) => lists.flat(1)),
  contains: templateFunction(["string", "string"], (part, whole) => whole.includes(part)),
  deepCopy: templateFunction(["any"], copy),
  default: variadicFunction(["any"], "any", (fallback, value) => (isEmpty(value) ? fallback : value)),
  dict: variadicFunction([], "any", dictionary),
  empty: templateFunction(["any"], isEmpty),
  fail: templateFunction(["string"], (message) => {
    throw new FunctionError(message);
  }),
  fromYaml: templateFunction(["string"], readYaml),
  fromYamlArray: templateFunction(["string"], readYaml),
  get: templateFunction(["any", "string"], (map, key) => mapOf("get", map).get(key) ?? ""),
  hasKey: templateFunction(["any", "string"], (map, key) => mapOf("hasKey", map).has(key)),
  indent: templateFunction(["int", "string"], indent),
  int: templateFunction(["any"], (value) => BigInt(text(value))),
  kindIs: templateFunction(["string", "any"], (kind, value) => KINDS.find(([name]) => name === kind)![1](value)),
  list: variadicFunction([], "any", (...values) => values),
  merge: variadicFunction(["any"], "any", (target, ...sources) =>
    sources.reduce<HelmMap>((map, source) => merge(map, mapOf("merge", source)), mapOf("merge", target)),
  ),
  nindent: templateFunction(["int", "string"], (width, whole) => `\n${indent(width, whole)}`),
  omit: variadicFunction(["any"], "string", (map, ...keys) =>
    dictionary(...[...mapOf("omit", map)].filter(([key]) => !keys.includes(key)).flat(1)),
  ),
  quote: variadicFunction([], "any", (...values) => values.map((value) => JSON.stringify(text(value))).join(" ")),
  replace: templateFunction(["string", "string", "string"], (from, to, whole) => whole.replaceAll(from, to)),
  required: templateFunction(["string", "any"], (message, value) => {
    if (isEmpty(value)) throw new FunctionError(message);
    return value;
  }),
  set: templateFunction(["any", "string", "any"], (map, key, value) => mapOf("set", map).set(key, value)),
  sha256sum: templateFunction(["string"], (whole) => createHash("sha256").update(whole).digest("hex")),
  splitn: templateFunction(["string", "int", "string"], splitted),
  ternary: templateFunction(["any", "any", "bool"], (yes, no, condition) => (condition ? yes : no)),
  toJson: templateFunction(["any"], toJson),
  toString: templateFunction(["any"], text),
  toYaml: templateFunction(["any"], toYaml),
  trim: templateFunction(["string"], (whole) => whole.trim()),
  trimPrefix: templateFunction(["string", "string"], (start, whole) =>
    whole.startsWith(start) ? whole.slice(start.length) : whole,
  ),
  trimSuffix: templateFunction(["string", "string"], (end, whole) =>
    whole.endsWith(end) ? whole.slice(0, whole.length - end.length) : whole,
  ),
  trunc: templateFunction(["int", "string"], (length, whole) => whole.slice(0, Number(length))),
  urlParse: templateFunction(["string"], parsedUrl),
};
