import { browserTimeZone, offsetAt, resolveTimeZone } from "@narthex/dashboards";
import type { PickOption } from "./OptionPicker.tsx";

/** How far a zone's clocks are from UTC at a time: `UTC+09:00`. */
export function offsetWords(zone: string, now: number): string {
  const minutes = Math.round(offsetAt(now, resolveTimeZone(zone)) / 60_000);
  if (minutes === 0) return "UTC";
  const digits = (value: number): string => String(value).padStart(2, "0");
  const whole = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : "+"}${digits(Math.floor(whole / 60))}:${digits(whole % 60)}`;
}

/** What a reader calls a zone as dashboards write it. */
export function zoneName(zone: string): string {
  const small = zone.toLowerCase();
  if (small === "" || small === "browser") return "Browser time";
  return small === "utc" ? "UTC" : zone;
}

/** The zone as it stands in the list of choices. */
export const zoneValue = (zone: string): string =>
  zone === "" || zone.toLowerCase() === "browser" ? "browser" : zone.toLowerCase() === "utc" ? "utc" : zone;

/** Every zone that there is: the browser's, UTC, then those of the IANA. */
export function zoneChoices(now: number): readonly PickOption[] {
  const names = Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC");
  return [
    { value: "browser", text: "Browser time", hint: `${browserTimeZone()}, ${offsetWords("browser", now)}` },
    { value: "utc", text: "UTC", hint: "UTC" },
    ...names.map((name) => ({ value: name, text: name, hint: offsetWords(name, now) })),
  ];
}
