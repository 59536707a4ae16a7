import { percentBytes } from "@narthex/bytes";
import { compileCapturing, goLower, goUpper, PatternError } from "@narthex/model";
import { GoDuration } from "./duration.ts";
import { templateFunction, variadicFunction, type FunctionTable } from "./function.ts";
import { humanizeDuration } from "./humanize.ts";
import { toJson } from "./json.ts";
import { FunctionError } from "./problem.ts";
import { GoTime } from "./time.ts";
import { titleCase } from "./title-case.ts";
import { parseLayout } from "./time-layout.ts";
import { stringList, TrustedText, typeName, type Value } from "./value.ts";
import { loadZone } from "./zone.ts";

/** Compiles a regular expression that a template uses. Throws FunctionError if it is invalid. */
export function templatePattern(source: string): ReturnType<typeof compileCapturing> {
  try {
    return compileCapturing(source, false);
  } catch (cause) {
    if (!(cause instanceof PatternError)) throw cause;
    throw new FunctionError(cause.message, { cause });
  }
}

/** Returns the cost of compiling a regular expression and matching a text with it, in steps of the template's limit. */
export const matchCost = (pattern: string, text: string): number =>
  100 + (pattern.length * (pattern.length + text.length)) / 16;

/**
 * Returns the cost of compiling a regular expression and replacing a match at every position of a text, in steps of the
 * template's limit.
 */
export const replaceCost = (pattern: string, replacement: string, text: string): number =>
  matchCost(pattern, text) + (text.length * replacement.length) / 64;

/** Compiles a regular expression like Go's regexp.MustCompile. Its panic becomes the error of the template. */
export function mustCompile(source: string): ReturnType<typeof compileCapturing> {
  try {
    return templatePattern(source);
  } catch (cause) {
    const text = source.includes("`") ? JSON.stringify(source) : `\`${source}\``;
    throw new FunctionError(`regexp: Compile(${text}): ${(cause as Error).message}`, { cause });
  }
}

function inZone(name: string, time: GoTime): GoTime {
  const zone = loadZone(name);
  if (zone === undefined) throw new FunctionError(`unknown time zone ${name}`);
  return time.in(zone);
}

function parseDate(layout: string, text: string): GoTime | undefined {
  const parsed = parseLayout(layout, text);
  return parsed === undefined ? undefined : new GoTime(parsed.unixNanos, parsed.zone);
}

function mustParseDate(layout: string, text: string): GoTime {
  const time = parseDate(layout, text);
  if (time !== undefined) return time;
  throw new FunctionError(
    `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(text)} as ${JSON.stringify(layout)}`,
  );
}

function unescapeQuery(text: string): string {
  const fault = /%(?![0-9a-fA-F]{2}).{0,2}/s.exec(text);
  if (fault !== null) throw new FunctionError(`invalid URL escape ${JSON.stringify(fault[0])}`);
  return percentBytes(Buffer.from(text.replaceAll("+", " ")).toString("latin1")).toString();
}

function dict(items: readonly Value[]): Map<string, Value> {
  if (items.length % 2 !== 0) throw new FunctionError("dict requires an even number of arguments");
  const map = new Map<string, Value>();
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (typeof key !== "string") throw new FunctionError("dict keys must be strings");
    map.set(key, items[i + 1]);
  }
  return map;
}

function seconds(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (value instanceof GoDuration) return value.seconds;
  const text = typeof value === "string" ? value.trim() : "";
  if (text !== "" && !Number.isNaN(Number(text))) return Number(text);
  if (typeof value === "string") {
    throw new FunctionError(`strconv.ParseFloat: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  throw new FunctionError(`can't convert ${typeName(value)} to float`);
}

/**
 * Returns the template functions that Alertmanager adds to those of Go. `now` returns the current time in Unix ms.
 * `safeHtml` and `safeUrl` have an effect only in HTML templates.
 */
export function alertmanagerFunctions(now: () => number): FunctionTable {
  return {
    toUpper: templateFunction(["string"], goUpper),
    toLower: templateFunction(["string"], goLower),
    title: templateFunction(["string"], (text: string) => titleCase(text, { lowers: true })),
    trimSpace: templateFunction(["string"], (text) => text.trim()),
    join: templateFunction(["string", "strings"], (separator, items) => items.join(separator)),
    match: templateFunction(["string", "string"], (pattern, text) => templatePattern(pattern).test(text), matchCost),
    reReplaceAll: templateFunction(
      ["string", "string", "string"],
      (pattern, replacement, text) => mustCompile(pattern).replaceAll(text, replacement),
      replaceCost,
    ),
    safeHtml: templateFunction(["string"], (text) => new TrustedText("html", text)),
    safeUrl: templateFunction(["string"], (text) => new TrustedText("url", text)),
    urlUnescape: templateFunction(["string"], unescapeQuery),
    stringSlice: variadicFunction([], "string", (...items) => stringList(items)),
    date: templateFunction(["string", "time"], (layout, time) => time.format(layout)),
    tz: templateFunction(["string", "time"], inZone),
    now: templateFunction([], () => GoTime.ofMilliseconds(now(), loadZone("Local"))),
    since: templateFunction(
      ["time"],
      (time) => new GoDuration(GoTime.ofMilliseconds(now()).unixNanos - time.unixNanos),
    ),
    humanizeDuration: templateFunction(["any"], (value) => humanizeDuration(seconds(value))),
    toDate: templateFunction(["string", "string"], (layout, text) => parseDate(layout, text) ?? GoTime.ZERO),
    mustToDate: templateFunction(["string", "string"], mustParseDate),
    toJson: templateFunction(["any"], toJson),
    base64encode: templateFunction(["string"], (text) =>
      Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    ),
    base64decode: templateFunction(["string"], (text) => Buffer.from(text, "base64url").toString()),
    list: variadicFunction([], "any", (...items) => items),
    append: variadicFunction(["list"], "any", (items, ...more) => [...items, ...more]),
    dict: variadicFunction([], "any", (...items) => dict(items)),
  };
}
