import dayjs from "dayjs";
import utc from "dayjs/plugin/utc";
import { humanizeDuration } from "./duration.ts";

dayjs.extend(utc);

const inputShape = "YYYY-MM-DD HH:mm:ss";
const inputPattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;

/** Unix milliseconds as `2025-01-02 03:04:05`, in UTC or in the browser's zone. */
export function formatInstant(unixMs: number, local: boolean): string {
  return (local ? dayjs(unixMs) : dayjs.utc(unixMs)).format(inputShape);
}

/** As `formatInstant` with the zone's offset and, where there are any, milliseconds. */
export function formatInstantWithZone(unixMs: number, local: boolean): string {
  const time = local ? dayjs(unixMs) : dayjs.utc(unixMs);
  const fraction = unixMs % 1000 === 0 ? "" : ".SSS";
  return `${time.format(inputShape + fraction)} ${local ? time.format("Z") : "UTC"}`;
}

/** Unix milliseconds of `YYYY-MM-DD HH:mm:ss` (seconds optional, `T` allowed), null when it is no instant. */
export function parseInstant(text: string, local: boolean): number | null {
  if (!inputPattern.test(text)) return null;
  const normal = text.replace("T", " ");
  const time = local ? dayjs(normal) : dayjs.utc(normal);
  const rendered = time.format(inputShape);
  // dayjs rolls 31 February over into March: an instant must print as it was written.
  return time.isValid() && rendered.startsWith(normal) ? time.valueOf() : null;
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
