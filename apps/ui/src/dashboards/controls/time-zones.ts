import { browserTimeZone } from "@narthex/dashboards";
import { offsetWords } from "../../shell/time-zone.ts";
import type { PickOption } from "./OptionPicker.tsx";

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
