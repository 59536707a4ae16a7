import { epochOf, offsetAt } from "@narthex/dashboards/time";
import { humanizeDuration } from "./duration.ts";

const inputPattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;

const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

/** Formats Unix milliseconds as `2025-01-02 03:04:05` in a time zone (IANA name). */
export function formatInstant(unixMs: number, zone: string): string {
  const time = new Date(unixMs + offsetAt(unixMs, zone));
  return Number.isNaN(time.getTime()) ? "Invalid Date" : time.toISOString().slice(0, -5).replace("T", " ");
}

/**
 * Formats Unix milliseconds like `formatInstant`, followed by the milliseconds unless they are 0, and by the time
 * zone's offset.
 */
export function formatInstantWithZone(unixMs: number, zone: string): string {
  const fraction = unixMs % 1000 === 0 ? "" : `.${padded(new Date(unixMs).getUTCMilliseconds(), 3)}`;
  return `${formatInstant(unixMs, zone)}${fraction} ${offsetText(unixMs, zone)}`;
}

/** Formats Unix milliseconds as a time of day, `12:03`, with the date before it if it is not today's. */
export function formatClock(unixMs: number, nowMs: number, zone: string): string {
  const [time, today] = [formatInstant(unixMs, zone), formatInstant(nowMs, zone).slice(0, 10)];
  return time.slice(time.startsWith(today) ? 11 : 0, 16);
}

/** Returns a time zone's offset from UTC: `+05:30`. Returns `UTC` for UTC itself. */
export function offsetText(unixMs: number, zone: string): string {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  const minutes = Math.round(offsetAt(unixMs, zone) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${padded(Math.trunc(size / 60))}:${padded(size % 60)}`;
}

/** Parses `YYYY-MM-DD HH:mm:ss` (seconds optional, `T` allowed) to Unix milliseconds; returns null if it is invalid. */
export function parseInstant(text: string, zone: string): number | null {
  const fields = inputPattern.exec(text);
  if (fields === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(1)
    .map((one) => Number(one ?? 0));
  const unixMs = epochOf({ year, month, day, hour, minute, second, millisecond: 0 }, zone);
  // Rejects dates that do not exist: `Date` converts 31 February to a day in March, so the formatted result differs
  // from the input.
  return formatInstant(unixMs, zone).startsWith(text.replace("T", " ")) ? unixMs : null;
}

/** Parses an API time (RFC 3339) to Unix milliseconds. Returns null for Go's zero time and for invalid texts. */
export function parseApiTime(text: string | undefined): number | null {
  if (text === undefined || text === "" || text.startsWith("0001-01-01")) return null;
  const unixMs = Date.parse(text);
  return Number.isNaN(unixMs) ? null : unixMs;
}

/** Returns the distance of a time from now as text: `12.3s ago`, `in 5m` or `just now`. Returns `never` for null. */
export function formatRelative(unixMs: number | null, nowMs: number): string {
  if (unixMs === null) return "never";
  const age = nowMs - unixMs;
  if (Math.abs(age) < 1000) return "just now";
  const rounded = Math.abs(age) < 60_000 ? Math.round(Math.abs(age) / 100) * 100 : Math.abs(age);
  const size = humanizeDuration(rounded);
  return age < 0 ? `in ${size}` : `${size} ago`;
}
