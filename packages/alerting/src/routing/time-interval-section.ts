import { type Codec, field, INVALID, listOf, type Printable, section, type Section, text } from "@narthex/config";
import { quote } from "@narthex/model";
import { loadZone } from "@narthex/template";
import type { Range, TimeInterval, TimeSpan } from "./time-interval.ts";

const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/**
 * Returns the codec of one kind of range in a time interval. `parse` returns the range, or Alertmanager's error text.
 */
function rangeCodec(parse: (text: string) => Range | string, print: (value: number) => string): Codec<Range> {
  return {
    goType: "string",
    decode(node, context) {
      const found = text.decode(node, context);
      if (found === INVALID) return INVALID;
      const range = parse(found);
      if (typeof range !== "string") return range;
      context.reportValue(node, "bad-range", range, "write one value, or two with a colon between");
      return INVALID;
    },
    encode: ({ from, to }) => (from === to ? print(from) : `${print(from)}:${print(to)}`),
    isZero: () => false,
  };
}

function ends(source: string, read: (text: string) => number | string): [number, number] | string {
  const parts = source.toLowerCase().split(":");
  if (parts.length > 2) return `couldn't parse range ${source.toLowerCase()}, invalid format`;
  const from = read(parts[0]!);
  if (typeof from === "string") return from;
  const to = read(parts[1] ?? parts[0]!);
  return typeof to === "string" ? to : [from, to];
}

/** Parses a whole number. Returns its value, or the error text of Go's parser. */
const integer = (source: string): number | string =>
  /^[+-]?\d{1,15}$/.test(source) ? Number(source) : `strconv.Atoi: parsing ${quote(source)}: invalid syntax`;

const weekday = rangeCodec(
  (source) => {
    const range = ends(source, (name) => {
      const index = WEEKDAYS.indexOf(name);
      return index < 0 ? `${name} is not a valid weekday` : index;
    });
    if (typeof range === "string") return range;
    return range[0] > range[1] ? "start day cannot be before end day" : { from: range[0], to: range[1] };
  },
  (value) => WEEKDAYS[value]!,
);

const dayOfMonth = rangeCodec((source) => {
  const range = ends(source, integer);
  if (typeof range === "string") return range;
  const [from, to] = range;
  for (const day of range) {
    if (day === 0 || Math.abs(day) > 31) return `${day} is not a valid day of the month: out of range`;
  }
  if (from < 0 && to > 0) return "end day must be negative if start day is negative";
  // Converts a day that is counted from the month's end to a day of February, the shortest month, to check the order of
  // two days.
  const inFebruary = (day: number): number => (day < 0 ? 28 + day : day);
  return inFebruary(from) > inFebruary(to) ? `end day ${to} is always before start day ${from}` : { from, to };
}, String);

const month = rangeCodec((source) => {
  const range = ends(source, (name) => {
    const index = MONTHS.indexOf(name) + 1 || integer(name);
    return typeof index === "number" ? index : `${name} is not a valid month`;
  });
  if (typeof range === "string") return range;
  const [from, to] = range;
  const nameOf = (value: number): string => MONTHS[value - 1] ?? "";
  return from > to ? `end month ${nameOf(to)} is before start month ${nameOf(from)}` : { from, to };
}, String);

const year = rangeCodec((source) => {
  const range = ends(source, integer);
  if (typeof range === "string") return range;
  return range[0] > range[1]
    ? `end year ${range[1]} is before start year ${range[0]}`
    : { from: range[0], to: range[1] };
}, String);

/** Converts the time of day `HH:MM` to minutes since midnight. Returns -1 for an invalid text. */
function minutes(source: string): number {
  const found = /^(\d{2}):([0-5]\d)$/.exec(source);
  if (found === null) return -1;
  const value = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) > 59 || value > 24 * 60 ? -1 : value;
}

const clock = (value: number): string =>
  `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;

const timeRange: Codec<Range> = {
  goType: "timeinterval.TimeRange",
  decode: (node, context) => timeSection.decode(node, context),
  encode: ({ from, to }): Printable => ({
    entries: [
      ["start_time", clock(from)],
      ["end_time", clock(to)],
    ],
  }),
  isZero: () => false,
};

const timeSection: Section<Range> = section<{ start: string; end: string }, Range>(
  "timeinterval.yamlTimeRange",
  { start: field("start_time", text, ""), end: field("end_time", text, "") },
  (value, at, report) => {
    const refuse = (message: string): typeof INVALID => {
      report(at.self, "bad-time-range", message, "write start_time and end_time as HH:MM");
      return INVALID;
    };
    if (value.start === "" || value.end === "") return refuse("both start and end times must be provided");
    const [from, to] = [minutes(value.start), minutes(value.end)];
    if (from < 0 || to < 0) {
      return refuse(`couldn't parse timestamp ${from < 0 ? value.start : value.end}, invalid format`);
    }
    return from >= to ? refuse("start time cannot be equal or greater than end time") : { from, to };
  },
);

const location: Codec<string> = {
  ...text,
  decode(node, context) {
    const name = text.decode(node, context);
    if (name === "") return "UTC";
    if (name === INVALID || (loadZone(name) !== undefined && isInRightCase(name))) return name;
    context.reportValue(node, "unknown-zone", `unknown time zone ${name}`, "write a name such as Europe/Paris");
    return INVALID;
  },
};

/**
 * Reports whether the name of a time zone is written in the right case. JavaScript ignores the case, but other programs
 * read time zones from files, whose names have a fixed case.
 */
function isInRightCase(name: string): boolean {
  if (name === "" || name === "Local") return true;
  const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
  return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
}

const span = section<TimeSpan>("timeinterval.TimeInterval", {
  times: field("times", listOf(timeRange, { goType: "[]timeinterval.TimeRange" }), []),
  weekdays: field("weekdays", listOf(weekday, { flow: true, goType: "[]timeinterval.WeekdayRange" }), []),
  daysOfMonth: field("days_of_month", listOf(dayOfMonth, { flow: true, goType: "[]timeinterval.DayOfMonthRange" }), []),
  months: field("months", listOf(month, { flow: true, goType: "[]timeinterval.MonthRange" }), []),
  years: field("years", listOf(year, { flow: true, goType: "[]timeinterval.YearRange" }), []),
  location: field("location", location, ""),
});

const namedIntervals = (words: string): Section<TimeInterval> =>
  section<TimeInterval>(
    "config.plain",
    {
      name: field("name", text, "", true),
      spans: field("time_intervals", listOf(span, { goType: "[]timeinterval.TimeInterval" }), [], true),
    },
    (value, at, report) => {
      if (value.name !== "") return value;
      report(at.self, "unnamed-interval", `missing name in ${words}`, "give it a name");
      return INVALID;
    },
  );

/** Decoder for an item of `time_intervals`. */
export const timeIntervalSection: Section<TimeInterval> = namedIntervals("time interval");

/** Decoder for an item of `mute_time_intervals`, the deprecated name of `time_intervals`. */
export const muteTimeIntervalSection: Section<TimeInterval> = namedIntervals("mute time interval");
