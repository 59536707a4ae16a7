import { formatTime } from "@narthex/dashboards";
import { shownTimeZone } from "../../shell/time-zone.ts";

/** Longest lifetime in ms of a snapshot that expires. Longer lifetimes mean that it never expires. */
const LONGEST_MS = 20 * 365 * 86_400_000;

/** Reports whether a snapshot never expires. */
export const neverExpires = (created: string, expires: string): boolean =>
  Date.parse(expires) - Date.parse(created) > LONGEST_MS;

/** Formats a time from the server in the user's zone. */
export const dayText = (time: string): string => formatTime(Date.parse(time), shownTimeZone(), "YYYY-MM-DD HH:mm");
