import { resolveTimeZone } from "@narthex/dashboards/time";
import { offsetText } from "../format/instant.ts";
import { preferencesNow, usePreferences } from "./preferences.ts";

/** Reports whether a time zone name means the browser's zone or the user's setting. */
const isReaders = (name: string): boolean => name === "" || name.toLowerCase() === "browser";

/** Returns the IANA name of the user's zone; the component renders again when it changes. */
export function useTimeZone(): string {
  return resolveTimeZone(usePreferences().timeZone);
}

/**
 * Returns a dashboard's time zone: `browser`, `utc` or an IANA name. For `browser` or "", returns the user's setting.
 */
export const chosenZone = (name = ""): string => (isReaders(name) ? preferencesNow().timeZone : name);

/** Returns the zone of a dashboard as an IANA name. */
export const shownTimeZone = (name = ""): string => resolveTimeZone(chosenZone(name));

/** Returns a zone's offset from UTC at a time: `UTC+09:00`. */
export function utcOffsetText(zone: string, now: number): string {
  const offset = offsetText(now, resolveTimeZone(zone));
  return /[1-9]/.test(offset) ? `UTC${offset}` : "UTC";
}

/** Returns a zone as text: `UTC`, or `Asia/Tokyo, UTC+09:00`. */
export const zoneText = (zone: string, now: number): string =>
  zone === "UTC" ? zone : `${zone}, ${utcOffsetText(zone, now)}`;
