import { type Field, FieldNames, formatTime, type Frame, isNumeric, valueAt } from "@narthex/dashboards";

export interface CsvSettings {
  /** IANA name of the time zone in which times are formatted. */
  readonly zone: string;
  /** Whether the first line is `sep=,`. Excel reads the separator from this line. */
  readonly isForExcel: boolean;
  /** Formats numbers with units and mappings; undefined for raw numbers. */
  readonly textOf?: ((field: Field, frame: Frame, value: number) => string) | undefined;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Matches texts that need quotes in CSV, including formatted numbers such as `1,000`. */
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

function cell(field: Field, frame: Frame, value: unknown, { zone, textOf }: CsvSettings): string {
  if (value === null || value === undefined) return "";
  if (field.type === "time") return formatTime(value as number, zone, "YYYY-MM-DD HH:mm:ss.SSS").replace(/\.000$/, "");
  if (isNumeric(field)) {
    const text = textOf === undefined ? (value as number).toString() : textOf(field, frame, value as number);
    return NEEDS_QUOTES.test(text) ? quoted(text) : text;
  }
  if (field.type === "boolean") return (value as boolean).toString();
  if (field.type === "string") return quoted(value as string);
  return quoted(JSON.stringify(value));
}

/** Converts a frame to CSV: a line with the field names, then a line for each row. */
export function frameCsv(frame: Frame, settings: CsvSettings): string {
  const names = new FieldNames([frame]);
  const lines = settings.isForExcel ? ["sep=,"] : [];
  lines.push(frame.fields.map((field) => quoted(names.nameOf(field, frame))).join(","));
  for (let row = 0; row < frame.length; row++)
    lines.push(frame.fields.map((field) => cell(field, frame, valueAt(field, row), settings)).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/**
 * Returns the file name of a download: `CPU-data-2026-11-22 09_30_00.csv`, or `CPU-data-as-joinbyfield-…` for joined
 * series.
 */
export function csvName(title: string, isJoined: boolean, now: number, zone: string): string {
  const joined = isJoined ? "-as-joinbyfield" : "";
  return `${fileName(title)}-data${joined}-${formatTime(now, zone, "YYYY-MM-DD HH_mm_ss")}.csv`;
}

/** Replaces characters that file systems refuse. */
export const fileName = (text: string): string =>
  text
    .replaceAll(/[^\P{Cc}]|[/\\:*?"<>|]/gu, "_")
    .trim()
    .slice(0, 120) || "panel";
