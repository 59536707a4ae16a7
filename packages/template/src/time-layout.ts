import { compileCapturing, trimTrailing } from "@narthex/model";
import { fixedZone, UTC, type Zone } from "./zone.ts";

/** Date and time as shown by a clock in a time zone. Month and weekday start at 0. */
export interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** Offset of the time zone in seconds east of UTC. */
  readonly offset: number;
  readonly abbreviation: string;
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Matches an element of a Go time layout. Layouts are written as the reference time `Mon Jan 2 15:04:05 MST 2006`. */
const PIECE =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|__2|_2(?!006)|2006|2|3|4|5|PM|pm|[-Z]07:00:00|[-Z]070000|[-Z]07:00|[-Z]0700|[-Z]07|[.,](?:0+|9+)(?!\d)/g;

/** Formats like Go's Time.Format. */
export const formatLayout = (layout: string, clock: WallClock): string =>
  layout.replace(PIECE, (piece) => formatPiece(piece, clock));

const pad = (value: number, width: number, fill = "0"): string => String(value).padStart(width, fill);

function formatPiece(piece: string, clock: WallClock): string {
  const first = piece[0]!;
  if (first === "." || first === ",") return fraction(piece, clock.nanosecond);
  if ((first === "-" || first === "Z") && piece.includes("07")) return offsetText(piece, clock.offset);
  switch (piece) {
    case "2006":
      return pad(clock.year, 4);
    case "06":
      return pad(clock.year % 100, 2);
    case "January":
      return MONTHS[clock.month]!;
    case "Jan":
      return MONTHS[clock.month]!.slice(0, 3);
    case "01":
      return pad(clock.month + 1, 2);
    case "1":
      return String(clock.month + 1);
    case "Monday":
      return WEEKDAYS[clock.weekday]!;
    case "Mon":
      return WEEKDAYS[clock.weekday]!.slice(0, 3);
    case "02":
      return pad(clock.day, 2);
    case "_2":
      return pad(clock.day, 2, " ");
    case "2":
      return String(clock.day);
    case "002":
    case "__2":
      return pad(yearDay(clock), 3, piece === "002" ? "0" : " ");
    case "15":
      return pad(clock.hour, 2);
    case "03":
      return pad(clock.hour % 12 || 12, 2);
    case "3":
      return String(clock.hour % 12 || 12);
    case "04":
      return pad(clock.minute, 2);
    case "4":
      return String(clock.minute);
    case "05":
      return pad(clock.second, 2);
    case "5":
      return String(clock.second);
    case "PM":
      return clock.hour >= 12 ? "PM" : "AM";
    case "pm":
      return clock.hour >= 12 ? "pm" : "am";
    default:
      return clock.abbreviation === "" ? offsetText("-0700", clock.offset) : clock.abbreviation;
  }
}

const yearDay = ({ year, month, day }: WallClock): number =>
  Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 0)) / 86_400_000);

function fraction(piece: string, nanosecond: number): string {
  const digits = pad(nanosecond, 9).slice(0, piece.length - 1);
  if (piece[1] === "0") return piece[0] + digits.padEnd(piece.length - 1, "0");
  const cut = trimTrailing(digits, "0");
  return cut === "" ? "" : piece[0] + cut;
}

function offsetText(piece: string, offset: number): string {
  if (piece.startsWith("Z") && offset === 0) return "Z";
  const abs = Math.abs(offset);
  const parts = [pad(Math.floor(abs / 3600), 2), pad(Math.floor((abs % 3600) / 60), 2), pad(abs % 60, 2)];
  const count = Math.ceil((piece.replaceAll(":", "").length - 1) / 2);
  return (offset < 0 ? "-" : "+") + parts.slice(0, count).join(piece.includes(":") ? ":" : "");
}

/** A parsed time. As in Go, elements that the layout lacks are taken from 0000-01-01T00:00:00Z. */
export interface ParsedTime {
  readonly unixNanos: bigint;
  readonly zone: Zone;
}

/** Parses `text` with a Go layout. Returns undefined if it does not match. */
export function parseLayout(layout: string, text: string): ParsedTime | undefined {
  const pieces: string[] = [];
  let shape = "";
  let from = 0;
  for (const match of layout.matchAll(PIECE)) {
    shape += escapeLiteral(layout.slice(from, match.index)) + shapeOf(match[0]);
    pieces.push(match[0]);
    from = match.index + match[0].length;
    // Accepts decimals of seconds in the text even if the layout has none, as Go does.
    if (/^0?5$/.test(match[0]) && !/^[.,][09]/.test(layout.slice(from))) {
      shape += shapeOf(".9");
      pieces.push(".9");
    }
  }
  shape += escapeLiteral(layout.slice(from));
  const found = compileCapturing(`^${shape}$`, false).exec(text);
  if (found === undefined) return undefined;
  return assemble(pieces, found.slice(1));
}

const escapeLiteral = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

function shapeOf(piece: string): string {
  if (/^[.,]/.test(piece)) return piece[1] === "0" ? `[.,](\\d{${piece.length - 1}})` : "(?:[.,](\\d+))?";
  if (piece.includes("07")) {
    const count = Math.ceil((piece.replaceAll(":", "").length - 1) / 2);
    const digits = Array.from({ length: count }, () => "\\d{2}").join(piece.includes(":") ? ":" : "");
    return piece.startsWith("Z") ? `(Z|[+-]${digits})` : `([+-]${digits})`;
  }
  const shapes: Readonly<Record<string, string>> = {
    "2006": "(\\d{4})",
    January: `((?i:${MONTHS.join("|")}))`,
    Jan: `((?i:${MONTHS.map((name) => name.slice(0, 3)).join("|")}))`,
    Monday: `((?i:${WEEKDAYS.join("|")}))`,
    Mon: `((?i:${WEEKDAYS.map((name) => name.slice(0, 3)).join("|")}))`,
    "002": "(\\d{3})",
    _2: "\\s?(\\d{1,2})",
    __2: "\\s{0,2}(\\d{1,3})",
    PM: "(AM|PM)",
    pm: "(am|pm)",
    MST: "([A-Z]{3,5}|[+-]\\d{2,4})",
    "15": "(\\d{1,2})",
  };
  return shapes[piece] ?? (piece.startsWith("0") ? "(\\d{2})" : "(\\d{1,2})");
}

function assemble(pieces: readonly string[], values: readonly (string | undefined)[]): ParsedTime | undefined {
  let [year, month, day, hour, minute, second, nanos] = [0, 0, 1, 0, 0, 0, 0n];
  let zone: Zone | undefined = UTC;
  let half: string | undefined;
  pieces.forEach((piece, i) => {
    const value = values[i] ?? "";
    const number = Number(value);
    if (/^[.,]/.test(piece)) nanos = BigInt(value.slice(0, 9).padEnd(9, "0"));
    else if (piece.includes("07")) zone = parseOffset(value);
    else if (piece === "2006") year = number;
    else if (piece === "06") year = number >= 69 ? 1900 + number : 2000 + number;
    else if (piece.startsWith("Jan")) month = MONTHS.findIndex((name) => sameStart(name, value));
    else if (piece === "01" || piece === "1") month = number - 1;
    else if (piece === "02" || piece === "2" || piece === "_2") day = number;
    else if (piece === "002" || piece === "__2") [month, day] = [0, number];
    else if (piece === "15" || piece === "03" || piece === "3") hour = number;
    else if (piece === "04" || piece === "4") minute = number;
    else if (piece === "05" || piece === "5") second = number;
    else if (piece === "PM" || piece === "pm") half = value.toUpperCase();
    else if (piece === "MST" && value !== "UTC") zone = fixedZone(0, value);
  });
  if (half === "PM" && hour < 12) hour += 12;
  if (half === "AM" && hour === 12) hour = 0;
  if (zone === undefined || month < 0 || month > 11 || hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  date.setUTCHours(hour, minute, second);
  if (!pieces.some((piece) => piece === "002" || piece === "__2") && date.getUTCDate() !== day) return undefined;
  const seconds = BigInt(date.getTime() / 1000 - zone.at(0).offset);
  return { unixNanos: seconds * 1_000_000_000n + nanos, zone };
}

const sameStart = (name: string, value: string): boolean =>
  name.slice(0, 3).toLowerCase() === value.slice(0, 3).toLowerCase();

/**
 * Parses the offset of a time zone. Returns undefined if it is too large. As in Go, 24 hours, 60 minutes and 60 seconds
 * are accepted.
 */
function parseOffset(text: string): Zone | undefined {
  if (text === "Z") return UTC;
  const digits = text.slice(1).replaceAll(":", "");
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2))) as [number, number, number];
  if (hours > 24 || minutes > 60 || seconds > 60) return undefined;
  const size = hours * 3600 + minutes * 60 + seconds;
  return size === 0 ? UTC : fixedZone(text.startsWith("-") ? -size : size, "");
}
