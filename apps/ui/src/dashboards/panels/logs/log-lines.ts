import { type Field, type Frame, isObject, labelsText, timeFieldOf, valueAt } from "@narthex/dashboards";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { dedupLines } from "./dedup-lines.ts";
import { type LogLevel, levelOf } from "./log-level.ts";
import type { LogsOptions } from "./options.ts";

/** A value in the row of a log line, with the field that determines its links. */
interface LineDetail {
  readonly name: string;
  readonly value: string;
  readonly field: Field;
}

/** A log line. */
export interface LogLine {
  /** Key of the log line, which does not change when other lines are added. */
  readonly key: string;
  /** Time of the line, epoch ms; null if the frame has no times. */
  readonly time: number | null;
  /** The same time in nanoseconds as decimal text; empty if the frame has no such times. */
  readonly nanoseconds: string;
  readonly text: string;
  /** The text as the data source sent it, without line breaks added to JSON. */
  readonly sentText: string;
  readonly level: LogLevel;
  /** Number of equal log lines that this line represents. */
  readonly count: number;
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Names of the labels that are structured metadata. Ad hoc filters cannot select them, because they are not labels of
   * the log stream.
   */
  readonly unfiltered: ReadonlySet<string>;
  /** Types of the labels by name, if the frame has them: index, structured metadata or parser. */
  readonly labelTypes: Readonly<Record<string, unknown>> | undefined;
  /** Other values in the row of the log line. */
  readonly details: readonly LineDetail[];
  readonly frame: Frame;
  readonly row: number;
}

/** Usual names of the field that contains the log text. The first name that occurs in a frame is used. */
const TEXT_NAMES = ["body", "Line", "line", "message", "content"];
/** Field with the times in nanoseconds as texts. Lines of the same millisecond are sorted by this field. */
const NANOSECONDS = "tsNs";
/** Name of the field that contains the type of each label of a log line. */
const LABEL_TYPES = "labelTypes";
/** Names of fields that users need not see. */
const INTERNAL_NAMES: ReadonlySet<string> = new Set([NANOSECONDS, "id"]);

/** Returns the lines of the frames that contain texts, in the requested order. */
export function logLines(
  frames: readonly Frame[],
  { order, isJsonPretty, dedup = "none" }: Pick<LogsOptions, "order" | "isJsonPretty"> & Partial<LogsOptions>,
): readonly LogLine[] {
  const lines = frames.flatMap((frame) => linesOf(frame, isJsonPretty));
  const sign = order === "Ascending" ? 1 : -1;
  const keys = new UniqueKeys();
  const sorted = lines.toSorted(
    (a, b) => sign * ((a.time ?? 0) - (b.time ?? 0) || compareNanoseconds(a.nanoseconds, b.nanoseconds)),
  );
  return dedupLines(sorted, dedup).map((line) => ({
    ...line,
    key: keys.next(`${line.time} ${labelsText(line.labels)} ${line.text}`),
  }));
}

/** Compares nanosecond times that are decimal texts without a sign. */
const compareNanoseconds = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

type RawLine = Omit<LogLine, "key" | "count">;

function linesOf(frame: Frame, isJsonPretty: boolean): RawLine[] {
  const texts = frame.fields.filter(({ type }) => type === "string");
  const text =
    TEXT_NAMES.map((name) => texts.find((field) => field.name === name)).find((field) => field !== undefined) ??
    texts[0];
  if (text === undefined) return [];
  const times = timeFieldOf(frame);
  const labelField = frame.fields.find(({ name, type }) => type === "json" && name === "labels");
  const typeField = frame.fields.find(({ name, type }) => type === "json" && name === LABEL_TYPES);
  const exact = texts.find(({ name }) => name === NANOSECONDS);
  const others = frame.fields.filter(
    (field) => field !== text && field !== times && field !== labelField && !isInternal(field, exact !== undefined),
  );
  return Array.from({ length: frame.length }, (_, row) => {
    const time = times === undefined ? null : valueAt(times, row);
    const given = labelField === undefined ? undefined : valueAt(labelField, row);
    const labels = isObject(given) ? textsOf(given) : (text.labels ?? {});
    const types = typeField === undefined ? undefined : valueAt(typeField, row);
    const line = shownText(valueAt(text, row), isJsonPretty);
    const details = others
      .map((field): LineDetail => ({ name: field.name, value: shownText(valueAt(field, row), false), field }))
      .filter(({ value }) => value !== "");
    const values = new Map([...Object.entries(labels), ...details.map(({ name, value }) => [name, value] as const)]);
    return {
      time: typeof time === "number" ? time : null,
      nanoseconds: exact === undefined ? "" : shownText(valueAt(exact, row), false),
      text: line,
      sentText: isJsonPretty ? shownText(valueAt(text, row), false) : line,
      level: levelOf(values, line),
      labels,
      unfiltered: metadataNames(types),
      labelTypes: isObject(types) ? types : undefined,
      details,
      frame,
      row,
    };
  });
}

/** Returns the names of the labels that have the type of structured metadata. */
function metadataNames(types: unknown): ReadonlySet<string> {
  if (!isObject(types)) return NO_NAMES;
  const names = Object.keys(types).filter((name) => types[name] === "S");
  return names.length === 0 ? NO_NAMES : new Set(names);
}

const NO_NAMES: ReadonlySet<string> = new Set();

/** Reports whether a field is not shown: its settings hide it, or it is an internal field in a frame of Loki. */
const isInternal = ({ name, config }: Field, isOfLoki: boolean): boolean =>
  config.custom?.["hidden"] === true || (isOfLoki && INTERNAL_NAMES.has(name));

const textsOf = (labels: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, shownText(value, false)]));

function shownText(value: unknown, isJsonPretty: boolean): string {
  const text =
    typeof value === "string" ? value : value === null || value === undefined ? "" : (JSON.stringify(value) ?? "");
  if (!isJsonPretty || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * Divides labels for display: those that all lines have in common, as text, and a function that returns the other
 * labels of a line.
 */
export function dividedLabels(lines: readonly LogLine[]): { common: string; uniqueOf: (line: LogLine) => string } {
  const [first] = lines;
  const common = Object.entries(first?.labels ?? {}).filter(([name, value]) =>
    lines.every(({ labels }) => labels[name] === value),
  );
  const names = new Set(common.map(([name]) => name));
  return {
    common: common.length === 0 ? "" : labelsText(Object.fromEntries(common)),
    uniqueOf: ({ labels }) => {
      const own = Object.entries(labels).filter(([name]) => !names.has(name));
      return own.length === 0 ? "" : labelsText(Object.fromEntries(own));
    },
  };
}
