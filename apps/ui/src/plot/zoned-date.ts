import { browserTimeZone } from "@narthex/dashboards/time";
import uPlot from "uplot";

/** Returns uPlot's time conversion for a time zone, so that labels are at round local times. */
export function zonedDate(zone: string): (ms: number) => Date {
  // Skips the slow conversion for the browser's own time zone.
  if (zone === browserTimeZone()) return (ms) => new Date(ms);
  return (ms) => uPlot.tzDate(new Date(ms), zone === "UTC" ? "Etc/UTC" : zone);
}
