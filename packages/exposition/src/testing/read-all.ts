import { ENTRY_END, ENTRY_HELP, ENTRY_HISTOGRAM, ENTRY_SERIES, ENTRY_TYPE, type EntryReader } from "../entries.ts";

/**
 * What a reader yields, one line of text per entry, for comparing in tests: `name{…} value @time`, exemplars behind `#`,
 * metadata as `HELP name text`.
 */
export function readAll(reader: EntryReader): string[] {
  const out: string[] = [];
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind === ENTRY_SERIES || kind === ENTRY_HISTOGRAM) out.push(seriesLine(reader, kind));
    else if (kind === ENTRY_TYPE) out.push(`TYPE ${reader.familyName()} ${reader.type}`);
    else out.push(`${kind === ENTRY_HELP ? "HELP" : "UNIT"} ${reader.familyName()} ${reader.text()}`);
  }
  return out;
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
