import { browserTimeZone } from "@narthex/dashboards/time";
import uPlot from "uplot";

/** Returns a function that converts times for uPlot, so that labels are at round times of a time zone. */
export function zonedDate(zone: string): (ms: number) => Date {
  // The browser's own zone needs no conversion, which is slow.
  if (zone === browserTimeZone()) return (ms) => new Date(ms);
  return (ms) => uPlot.tzDate(new Date(ms), zone === "UTC" ? "Etc/UTC" : zone);
}
