import { formatValue, joinFormatted } from "@narthex/dashboards";

/** Returns a duration of milliseconds as text, with the unit that fits its size. */
export const durationText = (ms: number): string =>
  ms === 0 ? "0" : joinFormatted(Math.abs(ms) < 1 ? formatValue("µs", ms * 1000) : formatValue("ms", ms));
