import { DurationError, parseDuration } from "@narthex/model";
import type { FastifyRequest } from "fastify";
import { invalidParameter } from "./api-error.ts";

/** Furthest times the API accepts, ms (Go's minTime and maxTime of the API). */
export const MIN_TIME_MS = -8_640_000_000_000_000;
export const MAX_TIME_MS = 8_640_000_000_000_000;

/** Words for those in RFC3339, which Prometheus prints and takes back. */
const MIN_TIME_TEXT = "-292273086-05-16T16:47:06Z";
const MAX_TIME_TEXT = "292277025-08-18T07:12:54.999999999Z";

const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A request's parameters: those of a form body first, then those of the URL (as Go merges them). */
export function formValues(request: FastifyRequest): URLSearchParams {
  const url = request.raw.url ?? "";
  const question = url.indexOf("?");
  const merged = new URLSearchParams();
  if (request.body instanceof URLSearchParams) for (const [name, value] of request.body) merged.append(name, value);
  for (const [name, value] of new URLSearchParams(question === -1 ? "" : url.slice(question + 1)))
    merged.append(name, value);
  return merged;
}

/** ms of `1620000000.5` (Unix seconds) or RFC3339; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  if (text !== "" && !Number.isNaN(Number(text))) {
    const seconds = Number(text);
    if (!Number.isFinite(seconds)) return undefined;
    return Math.round(seconds * 1000);
  }
  if (text === MIN_TIME_TEXT) return MIN_TIME_MS;
  if (text === MAX_TIME_TEXT) return MAX_TIME_MS;
  if (!RFC3339.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

/** An optional time, ms; throws the API's refusal. */
export function timeParameter(values: URLSearchParams, name: string, fallback: number): number {
  const text = values.get(name);
  if (text === null || text === "") return fallback;
  const time = parseTime(text);
  if (time === undefined)
    throw invalidParameter(name, `invalid time value for '${name}': cannot parse "${text}" to a valid timestamp`);
  return time;
}

/** A time that must be given, ms. */
export function requiredTime(values: URLSearchParams, name: string): number {
  const text = values.get(name) ?? "";
  const time = parseTime(text);
  if (time === undefined) throw invalidParameter(name, `cannot parse "${text}" to a valid timestamp`);
  return time;
}

/** ms of float seconds or a Prometheus duration; throws the API's refusal. */
export function durationParameter(values: URLSearchParams, name: string): number {
  const text = values.get(name) ?? "";
  const problem = `cannot parse "${text}" to a valid duration`;
  if (text !== "" && !Number.isNaN(Number(text))) {
    const ms = Number(text) * 1000;
    if (Math.abs(ms) > 2 ** 63 / 1e6) throw invalidParameter(name, `${problem}. It overflows int64`);
    return ms;
  }
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw invalidParameter(name, problem);
    throw error;
  }
}

/** A limit: whole number, 0 for none. */
export function limitParameter(values: URLSearchParams, name = "limit"): number {
  const text = values.get(name);
  if (text === null || text === "") return 0;
  if (!/^[+-]?\d+$/.test(text)) throw invalidParameter(name, `strconv.Atoi: parsing "${text}": invalid syntax`);
  if (Number(text) < 0) throw invalidParameter(name, "limit must be non-negative");
  return Number(text);
}
