import { type Field, FieldNames, formatTime, type Frame, isNumeric, valueAt } from "@narthex/dashboards";

/** How a frame's values are written. */
export interface CsvSettings {
  /** An IANA name. */
  readonly zone: string;
  /** A first line by which Excel knows the separator. */
  readonly isForExcel: boolean;
  /** Numbers with their units and mappings; left out: as they are. */
  readonly textOf?: ((field: Field, frame: Frame, value: number) => string) | undefined;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A number that a unit made longer than its cell: `1,000`. */
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

/** A frame as comma-separated values: a line of names, then a line for each row. */
export function frameCsv(frame: Frame, settings: CsvSettings): string {
  const names = new FieldNames([frame]);
  const lines = settings.isForExcel ? ["sep=,"] : [];
  lines.push(frame.fields.map((field) => quoted(names.nameOf(field, frame))).join(","));
  for (let row = 0; row < frame.length; row++)
    lines.push(frame.fields.map((field) => cell(field, frame, valueAt(field, row), settings)).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

/** What a download of a panel's data is called: `CPU-data-2026-11-22 09_30_00.csv`, where the series were joined `CPU-data-as-joinbyfield-…`. */
export function csvName(title: string, isJoined: boolean, now: number, zone: string): string {
  const joined = isJoined ? "-as-joinbyfield" : "";
  return `${fileName(title)}-data${joined}-${formatTime(now, zone, "YYYY-MM-DD HH_mm_ss")}.csv`;
}

/** A text as file systems take it. */
export const fileName = (text: string): string =>
  text
    .replaceAll(/[^\P{Cc}]|[/\\:*?"<>|]/gu, "_")
    .trim()
    .slice(0, 120) || "panel";
