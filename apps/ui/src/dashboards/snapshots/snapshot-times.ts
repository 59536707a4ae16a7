import { formatTime } from "@narthex/dashboards";
import { shownTimeZone } from "../../shell/time-zone.ts";

/** Longer than this is what the role keeps for ever, ms. */
const LONGEST_MS = 20 * 365 * 86_400_000;

/** Whether a snapshot never expires. */
export const isForEver = (created: string, expires: string): boolean =>
  Date.parse(expires) - Date.parse(created) > LONGEST_MS;

/** A time of the role in the reader's zone. */
export const dayText = (time: string): string => formatTime(Date.parse(time), shownTimeZone(), "YYYY-MM-DD HH:mm");
