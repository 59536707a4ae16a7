import { resolveTimeZone } from "@narthex/dashboards/time";
import { offsetText } from "../format/instant.ts";
import { preferencesNow, usePreferences } from "./preferences.ts";

/** Whether a name leaves the zone to the reader. */
const isReaders = (name: string): boolean => name === "" || name.toLowerCase() === "browser";

/** The IANA name of the zone that the reader chose; the component renders again when the choice changes. */
export function useTimeZone(): string {
  return resolveTimeZone(usePreferences().timeZone);
}

/**
 * The zone that a dashboard is shown in, as dashboards write it. For `browser` or nothing this is the reader's choice, which
 * is `browser` until the reader changes it.
 */
export const chosenZone = (name = ""): string => (isReaders(name) ? preferencesNow().timeZone : name);

/** The same as an IANA name. */
export const shownTimeZone = (name = ""): string => resolveTimeZone(chosenZone(name));

/** How far a zone's clocks are from UTC at a time: `UTC+09:00`. */
export function offsetWords(zone: string, now: number): string {
  const offset = offsetText(now, resolveTimeZone(zone));
  return /[1-9]/.test(offset) ? `UTC${offset}` : "UTC";
}

/** A zone for a reader: `UTC`, or `Asia/Tokyo, UTC+09:00`. */
export const zoneWords = (zone: string, now: number): string =>
  zone === "UTC" ? zone : `${zone}, ${offsetWords(zone, now)}`;
