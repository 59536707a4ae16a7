import { humanizeDuration } from "./duration.ts";

const inputPattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;

const padded = (value: number, width = 2): string => String(value).padStart(width, "0");

/** A time whose UTC fields read as the clock of the browser's zone does. */
const onLocalClock = (time: Date): Date =>
  new Date(
    Date.UTC(
      time.getFullYear(),
      time.getMonth(),
      time.getDate(),
      time.getHours(),
      time.getMinutes(),
      time.getSeconds(),
      time.getMilliseconds(),
    ),
  );

/** Unix milliseconds as `2025-01-02 03:04:05`, in UTC or in the browser's zone. */
export function formatInstant(unixMs: number, local: boolean): string {
  const time = local ? onLocalClock(new Date(unixMs)) : new Date(unixMs);
  if (Number.isNaN(time.getTime())) return "Invalid Date";
  const date = [padded(time.getUTCFullYear(), 4), padded(time.getUTCMonth() + 1), padded(time.getUTCDate())];
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map((part) => padded(part));
  return `${date.join("-")} ${clock.join(":")}`;
}

/** As `formatInstant` with the zone's offset and, where there are any, milliseconds. */
export function formatInstantWithZone(unixMs: number, local: boolean): string {
  const fraction = unixMs % 1000 === 0 ? "" : `.${padded(new Date(unixMs).getUTCMilliseconds(), 3)}`;
  return `${formatInstant(unixMs, local)}${fraction} ${local ? offsetAt(unixMs) : "UTC"}`;
}

/** How far the browser's zone is ahead of UTC: `+05:30`. */
function offsetAt(unixMs: number): string {
  const minutes = -new Date(unixMs).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${padded(Math.trunc(size / 60))}:${padded(Math.trunc(size % 60))}`;
}

/** Unix milliseconds of `YYYY-MM-DD HH:mm:ss` (seconds optional, `T` allowed), null when it is no instant. */
export function parseInstant(text: string, local: boolean): number | null {
  const fields = inputPattern.exec(text);
  if (fields === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields
    .slice(1)
    .map((one) => Number(one ?? 0));
  const time = local
    ? new Date(year, month - 1, day, hour, minute, second)
    : new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // Date rolls 31 February over into March: an instant must print as it was written.
  return formatInstant(time.getTime(), local).startsWith(text.replace("T", " ")) ? time.getTime() : null;
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
