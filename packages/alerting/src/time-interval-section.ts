import { type Codec, field, INVALID, listOf, type Printable, section, type Section, text } from "@narthex/config";
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

/** A range of one kind as text: parse gives the range or upstream's refusal. */
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
  if (parts.length > 2) return `couldn't parse range ${source}, invalid format`;
  const from = read(parts[0]!.trim());
  if (typeof from === "string") return from;
  const to = read((parts[1] ?? parts[0]!).trim());
  return typeof to === "string" ? to : [from, to];
}

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
  const range = ends(source, (day) => {
    const value = Number(day);
    if (!Number.isInteger(value) || day === "") return `${day} is not a valid day of the month`;
    const size = Math.abs(value);
    return size < 1 || size > 31 ? `${value} is not a valid day of the month: out of range` : value;
  });
  if (typeof range === "string") return range;
  const [from, to] = range;
  if (from < 0 && to > 0) return "end day must be negative if start day is negative";
  return Math.sign(from) === Math.sign(to) && from > to
    ? `end day ${to} is always before start day ${from}`
    : { from, to };
}, String);

const month = rangeCodec(
  (source) => {
    const range = ends(source, (name) => {
      const index = MONTHS.indexOf(name) + 1 || Number(name);
      return Number.isInteger(index) && index >= 1 && index <= 12 ? index : `${name} is not a valid month`;
    });
    if (typeof range === "string") return range;
    const [from, to] = source.split(":");
    return range[0] > range[1] ? `end month ${to} is before start month ${from}` : { from: range[0], to: range[1] };
  },
  (value) => MONTHS[value - 1]!,
);

const year = rangeCodec((source) => {
  const range = ends(source, (text) => (/^\d+$/.test(text) ? Number(text) : `${text} is not a valid year`));
  if (typeof range === "string") return range;
  return range[0] > range[1]
    ? `end year ${range[1]} is before start year ${range[0]}`
    : { from: range[0], to: range[1] };
}, String);

/** Minutes of `HH:MM`, or -1. */
function minutes(source: string): number {
  const found = /^(\d{1,2}):(\d{2})$/.exec(source);
  if (found === null) return -1;
  const value = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) > 59 || value > 24 * 60 ? -1 : value;
}

const clock = (value: number): string =>
  `${String(Math.floor(value / 60)).padStart(2, "0")}:${String(value % 60).padStart(2, "0")}`;

const timeRange: Codec<Range> = {
  goType: "config.plain",
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
  "config.plain",
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
    if (name === INVALID || loadZone(name) !== undefined) return name;
    context.reportValue(node, "unknown-zone", `unknown time zone ${name}`, "write a name such as Europe/Paris");
    return INVALID;
  },
};

const span = section<TimeSpan>("config.plain", {
  times: field("times", listOf(timeRange), []),
  weekdays: field("weekdays", listOf(weekday, { flow: true }), []),
  daysOfMonth: field("days_of_month", listOf(dayOfMonth, { flow: true }), []),
  months: field("months", listOf(month, { flow: true }), []),
  years: field("years", listOf(year, { flow: true }), []),
  location: field("location", location, ""),
});

/** One of `time_intervals` or `mute_time_intervals`. */
export const timeIntervalSection: Section<TimeInterval> = section<TimeInterval>(
  "config.plain",
  { name: field("name", text, "", true), spans: field("time_intervals", listOf(span), []) },
  (value, at, report) => {
    if (value.name !== "") return value;
    report(at.self, "unnamed-interval", "missing name in time interval", "give it a name");
    return INVALID;
  },
);
