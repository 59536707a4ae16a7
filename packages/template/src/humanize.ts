import { formatGoFloat } from "./float-format.ts";
import { GoTime } from "./time.ts";

const short = (value: number): string => formatGoFloat(value, "g", 4);

const isPlain = (value: number): boolean => value === 0 || !Number.isFinite(value);

/**
 * Divides a value by the base until it is smaller than the base, or there is no larger unit. Formats the result with
 * its unit.
 */
function scaleDown(value: number, base: number, units: readonly string[]): string {
  let unit = "";
  let rest = value;
  for (const next of units) {
    if (Math.abs(rest) < base) break;
    unit = next;
    rest /= base;
  }
  return short(rest) + unit;
}

function scaleUp(value: number): [number, string] {
  let unit = "";
  let rest = value;
  for (const next of ["m", "u", "n", "p", "f", "a", "z", "y"]) {
    if (Math.abs(rest) >= 1) break;
    unit = next;
    rest *= 1000;
  }
  return [rest, unit];
}

/** Formats a number with metric prefixes and four significant digits: `93.78k`, `1.23m`. */
export function humanize(value: number): string {
  if (isPlain(value)) return short(value);
  if (Math.abs(value) >= 1) return scaleDown(value, 1000, ["k", "M", "G", "T", "P", "E", "Z", "Y"]);
  const [rest, unit] = scaleUp(value);
  return short(rest) + unit;
}

/** Formats a number with binary prefixes: `91.59ki`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || isPlain(value)) return short(value);
  return scaleDown(value, 1024, ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"]);
}

/** Formats a number of seconds as `1d 2h 3m 4s` or `1.5ms`. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return short(seconds);
  if (seconds === 0) return "0s";
  if (Math.abs(seconds) < 1) {
    const [rest, unit] = scaleUp(seconds);
    return `${short(rest)}${unit}s`;
  }
  const sign = seconds < 0 ? "-" : "";
  const size = Math.abs(seconds);
  const whole = Math.trunc(size);
  const parts = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const first = parts.findIndex((part) => part !== 0);
  if (first === 3) return `${sign}${short(size)}s`;
  return (
    sign +
    parts
      .map((part, i) => part + "dhms"[i]!)
      .slice(first)
      .join(" ")
  );
}

/** Formats a ratio as a percentage with four significant digits. */
export const humanizePercentage = (value: number): string => `${short(value * 100)}%`;

/** Formats a time in Unix seconds as Go prints it in UTC. Digits beyond milliseconds are cut off. */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return short(seconds);
  return GoTime.ofMilliseconds(Math.trunc(seconds * 1000)).toString();
}
