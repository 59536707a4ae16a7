import { quote } from "./strings.ts";

const UNITS = [
  ["y", 365 * 86_400_000],
  ["w", 7 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
] as const;

const SHAPE = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Longest duration in ms, because Go stores durations as int64 nanoseconds. */
const MAX_MS = (2 ** 63 - 1) / 1e6;

/** A text is not a duration that Prometheus accepts. The message is the same as Prometheus'. */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

/**
 * Parses a Prometheus duration (`1h30m`, `500ms`, `0`) to milliseconds. The units must be in descending order without
 * repetition, with integers and without a sign. Throws DurationError.
 */
export function parseDuration(text: string): number {
  if (text === "0") return 0;
  if (text === "") throw new DurationError("empty duration string");
  const parts = SHAPE.exec(text);
  if (parts === null) throw new DurationError(shapeProblem(text));
  let total = 0;
  UNITS.forEach(([, size], i) => (total += Number(parts[i + 1] ?? 0) * size));
  if (total > MAX_MS) throw new DurationError("duration out of range");
  return total;
}

/** Returns Prometheus' message for a malformed duration. An unknown unit is reported before a wrong order of units. */
function shapeProblem(text: string): string {
  let position = -1;
  for (const [, , unit] of text.matchAll(/(\d+)(\D*)/g)) {
    const at = UNITS.findIndex(([name]) => name === unit);
    if (unit === "" || !/^\d/.test(text)) break;
    if (at < 0) return `unknown unit "${unit}" in duration ${quote(text)}`;
    if (at <= position) break;
    position = at;
  }
  return `not a valid duration string: ${quote(text)}`;
}

/**
 * Formats whole milliseconds as a Prometheus duration, the largest units first. Years or weeks are used only if the
 * duration is a multiple of them. 0 is formatted as `0s`.
 */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  let rest = Math.abs(ms);
  let out = ms < 0 ? "-" : "";
  for (const [unit, size] of UNITS) {
    const exactOnly = unit === "y" || unit === "w";
    if (exactOnly && rest % size !== 0) continue;
    const count = Math.floor(rest / size);
    if (count > 0) out += `${count}${unit}`;
    rest -= count * size;
  }
  return out;
}

const GO_UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ns: 1e-6,
};

/** Parses a Go duration (`1m30s`, `1.5h`, `-10ms`, `0`) to milliseconds. Throws DurationError. */
export function parseGoDuration(text: string): number {
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return 0;
  const refuse = (problem: string): DurationError => new DurationError(`time: ${problem} duration ${quote(text)}`);
  if (body === "") throw refuse("invalid");
  let total = 0;
  for (let rest = body; rest !== "";) {
    const [, amount, unit = ""] = /^(\d+\.?\d*|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (amount === undefined) throw refuse("invalid");
    if (unit === "") throw refuse("missing unit in");
    if (!Object.hasOwn(GO_UNIT_MS, unit)) throw refuse(`unknown unit ${quote(unit)} in`);
    total += Number(amount) * GO_UNIT_MS[unit]!;
    rest = rest.slice(amount.length + unit.length);
  }
  return text.startsWith("-") ? -total : total;
}

/** Formats milliseconds like Go's time.Duration: `1h0m0s`, `15s`, `1.5s`, `250ms`, `5ns`, `0s`. */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return "0s";
  const sign = ms < 0 ? "-" : "";
  const abs = Math.abs(ms);
  if (abs < 0.001) return `${sign}${trimmed(abs * 1e6)}ns`;
  if (abs < 1000) return abs < 1 ? `${sign}${trimmed(abs * 1000)}µs` : `${sign}${trimmed(abs)}ms`;
  const hours = Math.floor(abs / 3_600_000);
  const minutes = Math.floor((abs % 3_600_000) / 60_000);
  const seconds = trimmed((abs % 60_000) / 1000);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

const trimmed = (value: number): string => String(Number(value.toFixed(9)));
