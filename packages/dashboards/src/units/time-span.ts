import { fixedText, wantedDecimals } from "./decimals.ts";
import { type FormattedValue, formatted } from "./formatted-value.ts";

/**
 * A unit of time that is used for durations below `below`. `length` is the length of the unit, `one` and `many` are its
 * names.
 */
type Step = readonly [below: number, length: number, one: string, many: string];

const fixedStep = (below: number, length: number, word: string): Step => [below, length, word, word];
const step = (below: number, length: number, word: string): Step => [below, length, word, `${word}s`];

/**
 * Units in which durations are shown, by the unit of the values. The texts are those of Grafana: the unit of the values
 * itself has no plural (`30 min`), except days. A year has 365 days, but for values in seconds and minutes it is a
 * solar year.
 */
const steps: Readonly<Record<"ns" | "µs" | "ms" | "s" | "m" | "h" | "d", readonly Step[]>> = {
  ns: [
    fixedStep(1e3, 1, " ns"),
    fixedStep(1e6, 1e3, " µs"),
    fixedStep(1e9, 1e6, " ms"),
    fixedStep(6e10, 1e9, " s"),
    step(36e11, 6e10, " min"),
    step(864e11, 36e11, " hour"),
    step(Infinity, 864e11, " day"),
  ],
  µs: [fixedStep(1e3, 1, " µs"), fixedStep(1e6, 1e3, " ms"), fixedStep(Infinity, 1e6, " s")],
  ms: [
    fixedStep(1e3, 1, " ms"),
    fixedStep(6e4, 1e3, " s"),
    step(36e5, 6e4, " min"),
    step(864e5, 36e5, " hour"),
    step(31_536e6, 864e5, " day"),
    step(Infinity, 31_536e6, " year"),
  ],
  s: [
    fixedStep(60, 1, " s"),
    step(3600, 60, " min"),
    step(86_400, 3600, " hour"),
    step(604_800, 86_400, " day"),
    step(31_536e3, 604_800, " week"),
    step(Infinity, 31_556_900, " year"),
  ],
  m: [
    fixedStep(60, 1, " min"),
    step(1440, 60, " hour"),
    step(10_080, 1440, " day"),
    step(604_800, 10_080, " week"),
    step(Infinity, 525_948, " year"),
  ],
  h: [fixedStep(24, 1, " hour"), step(168, 24, " day"), step(8760, 168, " week"), step(Infinity, 8760, " year")],
  d: [step(7, 1, " day"), step(365, 7, " week"), step(Infinity, 365, " year")],
};

export type SpanUnit = keyof typeof steps;

/** Formats a length of time in a suitable unit: `1.50 hours`. */
export function formatSpan(unit: SpanUnit, value: number, decimals?: number | null): FormattedValue {
  const size = Math.abs(value);
  if (unit === "s" && size < 1) return formatPartOfSecond(value, decimals);
  const [, length, one, many] = steps[unit].find(([below]) => size < below) ?? steps[unit].at(-1)!;
  const shown = value / length;
  return formatted(fixedText(shown, decimals), Math.abs(shown) > 1 ? many : one);
}

function formatPartOfSecond(seconds: number, decimals?: number | null): FormattedValue {
  const size = Math.abs(seconds);
  if (size === 0) return formatted("0", " s");
  if (size < 1e-6) return formatted(fixedText(seconds * 1e9, decimals), " ns");
  if (size < 1e-3) return formatted(fixedText(seconds * 1e6, decimals), " µs");
  return formatted(fixedText(seconds * 1e3, decimals), " ms");
}

const parts: readonly (readonly [word: string, milliseconds: number])[] = [
  ["year", 31_536e6],
  ["month", 2592e6],
  ["week", 6048e5],
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4],
  ["second", 1e3],
  ["millisecond", 1],
];

/** Formats a duration as `1 day, 2 hours`: the largest unit and `requestedDecimals` smaller units. */
export function formatDuration(value: number, milliseconds: number, requestedDecimals?: number | null): FormattedValue {
  if (!Number.isFinite(value)) return formatted(fixedText(value));
  if (value === 0) return formatted("0", milliseconds === 1 ? " milliseconds" : " seconds");
  let rest = Math.abs(value) * milliseconds;
  let left = (wantedDecimals(requestedDecimals) ?? 0) + 1;
  const words: string[] = [];
  for (const [word, length] of parts) {
    if (left === 0) break;
    if (words.length === 0 && rest < length) continue;
    const count = Math.floor(rest / length);
    words.push(`${count} ${word}${count === 1 ? "" : "s"}`);
    rest %= length;
    left--;
  }
  return formatted(words.join(", "), value < 0 ? " ago" : "");
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Formats seconds as `01:02:03`. The number of hours may exceed 24. */
export function formatHms(seconds: number): FormattedValue {
  if (!Number.isFinite(seconds)) return formatted(fixedText(seconds));
  const size = Math.abs(seconds);
  const fields = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), Math.floor(size % 60)];
  return formatted(fields.map(two).join(":"), seconds < 0 ? " ago" : "");
}

/** Formats seconds as days, hours, minutes and seconds: `2 d 01:02:03`. */
export function formatDaysHms(seconds: number): FormattedValue {
  if (!Number.isFinite(seconds)) return formatted(fixedText(seconds));
  const size = Math.abs(seconds);
  const days = Math.floor(size / 86_400);
  const { text } = formatHms(size - days * 86_400);
  return formatted(days > 0 ? `${days} d ${text}` : text, seconds < 0 ? " ago" : "");
}

/**
 * Formats a duration as `01h:02m:03s:004ms`. `requestedDecimals` is the number of parts after the first part; if
 * absent, all parts are shown.
 */
export function formatClock(milliseconds: number, requestedDecimals?: number | null): FormattedValue {
  if (!Number.isFinite(milliseconds)) return formatted(fixedText(milliseconds));
  const after = wantedDecimals(requestedDecimals) ?? 3;
  // Minutes, seconds and milliseconds are counted from the previous full hour, even for negative durations.
  const rest = Math.trunc(milliseconds) - Math.floor(Math.trunc(milliseconds) / 36e5) * 36e5;
  const clock = [
    `${two(Math.floor(rest / 6e4))}m`,
    `${two(Math.floor(rest / 1e3) % 60)}s`,
    `${String(rest % 1e3).padStart(3, "0")}ms`,
  ];
  if (milliseconds < 1e3) return formatted(clock[2]!);
  if (milliseconds < 6e4) return formatted(clock.slice(1, after === 0 ? 2 : 3).join(":"));
  if (milliseconds < 36e5) return formatted(clock.slice(0, after + 1).join(":"));
  return formatted([`${Math.floor(milliseconds / 36e5)}h`, ...clock.slice(0, after)].join(":"));
}
