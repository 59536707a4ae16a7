import { DurationError, parseDuration, parseGoFloat, quote } from "@narthex/model";
import type { FastifyRequest } from "fastify";
import { ApiError, invalidParameter } from "./api-error.ts";
import { FormFields, parseFields } from "./form.ts";

/** Earliest time that the API accepts, ms, the same as in Prometheus. */
export const MIN_TIME_MS = -8_640_000_000_000_000;
export const MAX_TIME_MS = 8_640_000_000_000_000;

/**
 * Text of MIN_TIME_MS in RFC 3339; the next constant is the text of MAX_TIME_MS. Prometheus prints and accepts these
 * texts.
 */
const MIN_TIME_TEXT = "-292273086-05-16T16:47:06Z";
const MAX_TIME_TEXT = "292277025-08-18T07:12:54.999999999Z";

const RFC3339 = /^\d{4}-\d{2}-(\d{2})T(\d{2}):\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Returns the parameters of a request. Parameters of a form body come before parameters of the URL, as in Go. */
export function formValues(request: FastifyRequest): FormFields {
  const url = request.raw.url ?? "";
  const queryAt = url.indexOf("?");
  const ofUrl = parseFields(queryAt === -1 ? "" : url.slice(queryAt + 1));
  if (!(request.body instanceof FormFields)) return ofUrl;
  const merged = new FormFields(request.body, request.body.problem ?? ofUrl.problem);
  for (const [name, value] of ofUrl) merged.append(name, value);
  return merged;
}

/** Returns the parameters like formValues(). Throws if the form or the query is malformed. */
export function wholeForm(request: FastifyRequest): FormFields {
  const values = formValues(request);
  if (values.problem !== undefined) throw new ApiError("bad_data", `error parsing form values: ${values.problem}`);
  return values;
}

/**
 * Parses a time to ms. The text is Unix seconds such as `1620000000.5`, rounded to ms, or RFC 3339. The result is
 * limited to the range of dates. Returns undefined for other texts.
 */
export function parseTime(text: string): number | undefined {
  const seconds = parseGoFloat(text);
  if (seconds !== undefined) {
    // Rounds the fraction separately, as Go's API does. In binary, the fraction of 1.0005 is less than half a
    // millisecond.
    const whole = Math.trunc(seconds);
    const ms = whole * 1000 + Math.sign(seconds) * Math.round(Math.abs(seconds - whole) * 1000);
    // Limits the result to valid dates. Clients may send any number of seconds whose milliseconds fit in 64 bits, to
    // select all stored data.
    return Math.abs(ms) <= 2 ** 63 ? Math.min(Math.max(ms + 0, MIN_TIME_MS), MAX_TIME_MS) : undefined;
  }
  if (text === MIN_TIME_TEXT) return MIN_TIME_MS;
  if (text === MAX_TIME_TEXT) return MAX_TIME_MS;
  const parts = RFC3339.exec(text);
  if (parts === null || Number(parts[2]) > 23 || !isDay(text.slice(0, 7), Number(parts[1]))) return undefined;
  const ms = Date.parse(text.replace(",", "."));
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Parses the start of a range to ms: a time, or a duration before the end of the range. Returns undefined for other
 * texts.
 */
export function parseRangeStart(text: string, endMs: number): number | undefined {
  const time = parseTime(text);
  if (time !== undefined) return time;
  try {
    return endMs - parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

/**
 * Returns whether a month (such as `2026-02`) has this day. The check is needed because JavaScript reads February 30 as
 * March 2.
 */
const isDay = (month: string, day: number): boolean =>
  new Date(Date.parse(`${month}-01T00:00:00Z`) + (day - 1) * 86_400_000).getUTCDate() === day;

/** Returns a time parameter in ms; `fallback` if it is missing. Throws ApiError if it is invalid. */
export function timeParameter(values: URLSearchParams, name: string, fallback: number): number {
  const text = values.get(name);
  if (text === null || text === "") return fallback;
  const time = parseTime(text);
  if (time === undefined)
    throw invalidParameter(name, `invalid time value for '${name}': cannot parse ${quote(text)} to a valid timestamp`);
  return time;
}

/** Returns a time parameter in ms. Throws ApiError if it is missing or invalid. */
export function requiredTime(values: URLSearchParams, name: string): number {
  const text = values.get(name) ?? "";
  const time = parseTime(text);
  if (time === undefined) throw invalidParameter(name, `cannot parse ${quote(text)} to a valid timestamp`);
  return time;
}

/** Longest duration in seconds. Go counts nanoseconds in 64 bits. */
const MAX_SECONDS = 2 ** 63 / 1e9;

/** Parses seconds or a Prometheus duration to ms. For an invalid text, throws the error that `refuse` returns. */
export function parseSeconds(text: string, refuse: (problem: string) => Error): number {
  const problem = `cannot parse ${quote(text)} to a valid duration`;
  const seconds = parseGoFloat(text);
  if (seconds !== undefined) {
    if (Math.abs(seconds) > MAX_SECONDS) throw refuse(`${problem}. It overflows int64`);
    // Converts NaN to the smallest integer, as Go does.
    return Number.isNaN(seconds) ? -MAX_SECONDS * 1000 : seconds * 1000;
  }
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw refuse(problem);
    throw error;
  }
}

/** Returns a duration parameter in ms. Throws ApiError if it is missing or invalid. */
export const durationParameter = (values: URLSearchParams, name: string): number =>
  parseSeconds(values.get(name) ?? "", (problem) => invalidParameter(name, problem));

/** Returns a limit parameter, which is an integer. 0 means no limit. */
export function limitParameter(values: URLSearchParams, name = "limit"): number {
  const text = values.get(name);
  if (text === null || text === "") return 0;
  const refuse = (problem: string): ApiError =>
    invalidParameter(name, `strconv.Atoi: parsing ${quote(text)}: ${problem}`);
  const limit = parseInt64(text);
  if (typeof limit === "string") throw refuse(limit);
  if (limit < 0) throw invalidParameter(name, "limit must be non-negative");
  return limit;
}

/** Number of decimal digits of the largest 64-bit integer. */
const MAX_DIGITS = 19;

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

/** Parses a 64-bit integer as Go does. Returns Go's error message if the text is invalid. */
export function parseInt64(text: string): number | "invalid syntax" | "value out of range" {
  const digitsFrom = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
  if (digitsFrom === text.length) return "invalid syntax";
  // Checks the characters in a loop. A regular expression would need a stack as large as the text.
  for (let i = digitsFrom; i < text.length; i++) if (!isDigit(text.charCodeAt(i))) return "invalid syntax";
  let first = digitsFrom;
  while (text[first] === "0" && first < text.length - 1) first++;
  // Checks the length first, because BigInt takes quadratic time.
  if (text.length - first > MAX_DIGITS) return "value out of range";
  const magnitude = BigInt(text.slice(first));
  const value = text.startsWith("-") ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value ? Number(value) : "value out of range";
}
