import { type Frame, isObject, labelsText, timeFieldOf, valueAt } from "@narthex/dashboards";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import type { LogsOptions } from "./options.ts";

/** A log line. */
export interface LogLine {
  /** Key of the line, which does not change when other lines are added. */
  readonly key: string;
  /** Time of the line, epoch ms; null if the frame has no times. */
  readonly time: number | null;
  readonly text: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The other values of the line's row, with their field names. */
  readonly details: readonly (readonly [name: string, value: string])[];
}

/** Usual names of the field that contains the log text. The first name that occurs in a frame is used. */
const TEXT_NAMES = ["body", "Line", "line", "message", "content"];

/** Returns the lines of the frames that contain texts, in the requested order. */
export function logLines(
  frames: readonly Frame[],
  { order, isJsonPretty }: Pick<LogsOptions, "order" | "isJsonPretty">,
): readonly LogLine[] {
  const lines = frames.flatMap((frame) => linesOf(frame, isJsonPretty));
  const sign = order === "Ascending" ? 1 : -1;
  const keys = new UniqueKeys();
  return lines
    .toSorted((a, b) => sign * ((a.time ?? 0) - (b.time ?? 0)))
    .map((line) => ({ ...line, key: keys.next(`${line.time} ${labelsText(line.labels)} ${line.text}`) }));
}

function linesOf(frame: Frame, isJsonPretty: boolean): Omit<LogLine, "key">[] {
  const texts = frame.fields.filter(({ type }) => type === "string");
  const text =
    TEXT_NAMES.map((name) => texts.find((field) => field.name === name)).find((field) => field !== undefined) ??
    texts[0];
  if (text === undefined) return [];
  const times = timeFieldOf(frame);
  const labelField = frame.fields.find(({ name, type }) => type === "json" && name === "labels");
  const others = frame.fields.filter((field) => field !== text && field !== times && field !== labelField);
  return Array.from({ length: frame.length }, (_, row) => {
    const time = times === undefined ? null : valueAt(times, row);
    const labels = labelField === undefined ? undefined : valueAt(labelField, row);
    return {
      time: typeof time === "number" ? time : null,
      text: shownText(valueAt(text, row), isJsonPretty),
      labels: isObject(labels) ? textsOf(labels) : (text.labels ?? {}),
      details: others.map((field) => [field.name, shownText(valueAt(field, row), false)]),
    };
  });
}

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
 * Returns the labels that all lines have in common, as text, and a function for the labels in which a line differs from
 * other lines.
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
