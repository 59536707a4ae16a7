import { browserTimeZone } from "@narthex/dashboards";
import { utcOffsetText } from "../shell/time-zone.ts";
import type { PickOption } from "./OptionPicker.tsx";

/** Returns the name under which a time zone is shown. */
export function zoneName(zone: string): string {
  const small = zone.toLowerCase();
  if (small === "" || small === "browser") return "Browser time";
  return small === "utc" ? "UTC" : zone;
}

/** Returns the value that identifies a time zone in the list of choices. */
export const zoneValue = (zone: string): string =>
  zone === "" || zone.toLowerCase() === "browser" ? "browser" : zone.toLowerCase() === "utc" ? "utc" : zone;

/** Returns the choices for a time zone: the browser's zone, UTC, then all IANA zones. */
export function zoneChoices(now: number): readonly PickOption[] {
  const names = Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC");
  return [
    { value: "browser", text: "Browser time", hint: `${browserTimeZone()}, ${utcOffsetText("browser", now)}` },
    { value: "utc", text: "UTC", hint: "UTC" },
    ...names.map((name) => ({ value: name, text: name, hint: utcOffsetText(name, now) })),
  ];
}
