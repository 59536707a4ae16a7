import { browserTimeZone } from "@narthex/dashboards";
import { offsetWords } from "../../shell/time-zone.ts";
import type { PickOption } from "./OptionPicker.tsx";

/** Returns the name of a zone for users. */
export function zoneName(zone: string): string {
  const small = zone.toLowerCase();
  if (small === "" || small === "browser") return "Browser time";
  return small === "utc" ? "UTC" : zone;
}

/** Returns the value of a zone in the list of choices. */
export const zoneValue = (zone: string): string =>
  zone === "" || zone.toLowerCase() === "browser" ? "browser" : zone.toLowerCase() === "utc" ? "utc" : zone;

/** Returns all zones: the browser's, UTC, then the IANA zones. */
export function zoneChoices(now: number): readonly PickOption[] {
  const names = Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC");
  return [
    { value: "browser", text: "Browser time", hint: `${browserTimeZone()}, ${offsetWords("browser", now)}` },
    { value: "utc", text: "UTC", hint: "UTC" },
    ...names.map((name) => ({ value: name, text: name, hint: offsetWords(name, now) })),
  ];
}
