import { layoutProblem, parseLayout } from "@narthex/template";
import { JsonError, type JsonNode } from "./go-json.ts";
import { mismatch, WHOLE } from "./go-decode.ts";

/**
 * Maximum length of a time in characters. A longer text is refused without parsing, because parsing would be slow, and
 * the error message would contain the whole text.
 */
const MAX_CHARACTERS = 1000;

/** The most common form of a time, which is parsed without Go layouts. */
const PLAIN =
  /^(\d{4})-(\d{2})-(\d{2})T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** All accepted forms of a time, as Go layouts. If none matches, the error of the last layout is reported. */
const LAYOUTS = [
  "2006-01-02T15:04:05.000000Z07:00",
  "2006-01-02T15:04:05.000000Z0700",
  "2006-01-02T15:04:05.000Z07:00",
  "2006-01-02T15:04:05.000Z0700",
  "2006-01-02T15:04:05Z07:00",
  "2006-01-02T15:04:05.999999999Z07:00",
  "2006-01-02T15:04:05",
  "2006-01-02T15:04Z",
  "2006-01-02T15:04",
  "2006-01-02 15:04:05",
  "2006-01-02",
];

/**
 * Converts a time in a request to Unix ms, with a fraction down to 1 µs. Returns NaN for Go's zero time, and undefined
 * for an invalid time.
 */
export function parseApiTime(text: string): number | undefined {
  if (text === "") return 0;
  const ms = plainTime(text) ?? layoutTime(text);
  return ms === ZERO_TIME_MS ? NaN : ms;
}

/** Go's zero time, 0001-01-01T00:00:00Z, in Unix ms. In requests this time means "not given". */
const ZERO_TIME_MS = -62_135_596_800_000;

function plainTime(text: string): number | undefined {
  const found = PLAIN.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", sign, zoneHours = "0", zoneMinutes = "0"] = found;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60_000 : 60_000);
  return date.getTime() - zoneMs + Number(fraction.slice(0, 6).padEnd(6, "0")) / 1000;
}

function layoutTime(text: string): number | undefined {
  for (const layout of LAYOUTS) {
    const parsed = parseLayout(layout, text);
    if (parsed !== undefined) return Number(parsed.unixNanos / 1000n) / 1000;
  }
  return undefined;
}

/** Returns the time in Unix ms of a JSON value. Returns undefined for null. Throws JsonError. */
export function readTime(node: JsonNode): number | undefined {
  if (node.kind === "null") return undefined;
  if (node.kind !== "string") mismatch(node, WHOLE, "string");
  const isTooLong = node.text.length > MAX_CHARACTERS;
  const text = isTooLong ? `${node.text.slice(0, MAX_CHARACTERS).toWellFormed()}…` : node.text;
  const ms = isTooLong ? undefined : parseApiTime(text);
  if (ms === undefined) throw new JsonError(layoutProblem(LAYOUTS.at(-1)!, text));
  return ms;
}

/**
 * Prints a time in RFC 3339, UTC, with three decimals. NaN is printed as the zero time. As in Go, a year beyond 9999
 * has no sign.
 */
export const printApiTime = (ms: number): string =>
  Number.isNaN(ms) ? "0001-01-01T00:00:00.000Z" : new Date(Math.floor(ms)).toISOString().replace(/^\+0*/, "");
