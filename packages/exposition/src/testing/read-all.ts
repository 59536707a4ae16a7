import {
  ENTRY_END,
  ENTRY_HELP,
  ENTRY_HISTOGRAM,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  ENTRY_TYPE,
  type EntryKind,
  type EntryReader,
} from "../entries.ts";

/**
 * Returns the entries of a reader as lines of text: `name{…} value @time`, exemplars after `#`, metadata as `HELP name
 * text`.
 */
export function readAll(reader: EntryReader): string[] {
  const out: string[] = [];
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind !== ENTRY_NOTHING) out.push(entryLine(reader, kind));
  }
  return out;
}

/** Formats the current entry of a reader as `readAll()` does. */
export function entryLine(reader: EntryReader, kind: EntryKind): string {
  if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM) return seriesLine(reader, kind);
  if (kind === ENTRY_TYPE) return `TYPE ${reader.familyName()} ${reader.type}`;
  return `${kind === ENTRY_HELP ? "HELP" : "UNIT"} ${reader.familyName()} ${reader.text()}`;
}

function seriesLine(reader: EntryReader, kind: number): string {
  const [, name, ...pairs] = reader.labels();
  const value = kind === ENTRY_SERIES ? String(reader.value) : JSON.stringify(reader.histogram());
  const time = Number.isNaN(reader.timestamp) ? "" : ` @${reader.timestamp}`;
  const exemplars = reader
    .exemplars()
    .map((exemplar) => ` # ${bracketed(exemplar.labels)} ${exemplar.value} ${exemplar.timestamp ?? "-"}`);
  return `${name}${bracketed(pairs)} ${value}${time}${exemplars.join("")}`;
}

function bracketed(pairs: readonly string[]): string {
  const parts: string[] = [];
  for (let i = 0; i < pairs.length; i += 2) parts.push(`${pairs[i]}=${pairs[i + 1]}`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}
