import { epochOf, offsetAt } from "@narthex/dashboards/time";
import { humanizeDuration } from "./duration.ts";

const inputPattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;

const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

/** Unix milliseconds as `2025-01-02 03:04:05`, in a zone with an IANA name. */
export function formatInstant(unixMs: number, zone: string): string {
  const time = new Date(unixMs + offsetAt(unixMs, zone));
  return Number.isNaN(time.getTime()) ? "Invalid Date" : time.toISOString().slice(0, -5).replace("T", " ");
}

/** As `formatInstant` with the zone's offset and, where there are any, milliseconds. */
export function formatInstantWithZone(unixMs: number, zone: string): string {
  const fraction = unixMs % 1000 === 0 ? "" : `.${padded(new Date(unixMs).getUTCMilliseconds(), 3)}`;
  return `${formatInstant(unixMs, zone)}${fraction} ${offsetText(unixMs, zone)}`;
}

/** How far the zone is ahead of UTC: `+05:30`. Returns `UTC` for UTC itself. */
export function offsetText(unixMs: number, zone: string): string {
  if (zone === "UTC" || zone === "Etc/UTC") return "UTC";
  const minutes = Math.round(offsetAt(unixMs, zone) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${padded(Math.trunc(size / 60))}:${padded(size % 60)}`;
}

/** Unix milliseconds of `YYYY-MM-DD HH:mm:ss` (seconds optional, `T` allowed), null when it is no instant. */
export function parseInstant(text: string, zone: string): number | null {
  const fields = inputPattern.exec(text);
  if (fields === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(1)
    .map((one) => Number(one ?? 0));
  const unixMs = epochOf({ year, month, day, hour, minute, second, millisecond: 0 }, zone);
  // 31 February carries over into March: an instant must print as it was written.
  return formatInstant(unixMs, zone).startsWith(text.replace("T", " ")) ? unixMs : null;
}

/** Unix milliseconds of an API time (RFC 3339); null for Go's zero time and for what is no time. */
export function parseApiTime(text: string | undefined): number | null {
  if (text === undefined || text === "" || text.startsWith("0001-01-01")) return null;
  const unixMs = Date.parse(text);
  return Number.isNaN(unixMs) ? null : unixMs;
}

/** `12.3s ago`, `in 5m`, `just now`; `never` where there was no time. */
export function formatRelative(unixMs: number | null, nowMs: number): string {
  if (unixMs === null) return "never";
  const age = nowMs - unixMs;
  if (Math.abs(age) < 1000) return "just now";
  const rounded = Math.abs(age) < 60_000 ? Math.round(Math.abs(age) / 100) * 100 : Math.abs(age);
  const size = humanizeDuration(rounded);
  return age < 0 ? `in ${size}` : `${size} ago`;
}
