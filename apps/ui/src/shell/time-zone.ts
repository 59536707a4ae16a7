import { resolveTimeZone } from "@narthex/dashboards/time";
import { createContext, use } from "react";
import { offsetText } from "../format/instant.ts";
import { preferencesNow, usePreferences } from "./preferences.ts";

/** Reports whether a dashboard's time zone refers to the user's setting: it is `browser` or empty. */
const isReaders = (name: string): boolean => name === "" || name.toLowerCase() === "browser";

/** A time zone in the notation of dashboards, which takes precedence over the user's zone. Empty for the user's zone. */
export const TimeZoneContext = createContext("");

/** Returns the IANA name of the shown zone, which is usually the user's. The component renders again when it changes. */
export function useTimeZone(): string {
  const { timeZone } = usePreferences();
  const own = use(TimeZoneContext);
  return resolveTimeZone(isReaders(own) ? timeZone : own);
}

/**
 * Returns the time zone for a dashboard's setting: `browser`, `utc` or an IANA name. For `browser` or "", returns the
 * user's setting.
 */
export const chosenZone = (name = ""): string => (isReaders(name) ? preferencesNow().timeZone : name);

/** Returns the IANA name of the time zone for a dashboard's setting. */
export const shownTimeZone = (name = ""): string => resolveTimeZone(chosenZone(name));

/** Returns a time zone's offset from UTC at a time: `UTC+09:00`. */
export function utcOffsetText(zone: string, now: number): string {
  const offset = offsetText(now, resolveTimeZone(zone));
  return /[1-9]/.test(offset) ? `UTC${offset}` : "UTC";
}

/** Returns a time zone's offset from UTC at a time in its shortest form: `UTC`, `UTC+9` or `UTC+5:30`. */
export function shortOffsetText(zone: string, at: number): string {
  const text = utcOffsetText(zone, at).replace("+0", "+").replace("-0", "-");
  return text.endsWith(":00") ? text.slice(0, -3) : text;
}

/** Returns a time zone as text: `UTC`, or `Asia/Tokyo, UTC+09:00`. */
export const zoneText = (zone: string, now: number): string =>
  zone === "UTC" ? zone : `${zone}, ${utcOffsetText(zone, now)}`;
