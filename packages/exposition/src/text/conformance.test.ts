import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ENTRY_END, ENTRY_SERIES, type EntryReader } from "../entries.ts";
import { gather } from "../write/gather.ts";
import { LineCache } from "../line-cache/line-cache.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { parseFamilies } from "./parse-families.ts";
import { TextReader } from "./text.ts";
import { writeText } from "../write/write-text.ts";

const folder = process.env["NARTHEX_CONFORMANCE"];
const body = (name: string): Uint8Array => readFileSync(join(folder!, "exposition", name));

/** Returns the series of a reader with their values. If a cache is given, strings are created only for new series. */
function series(reader: EntryReader, cache?: LineCache, known: string[] = []): string[] {
  const out: string[] = [];
  cache?.begin();
  for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) {
    if (kind !== ENTRY_SERIES) continue;
    const index = cache?.take(reader) ?? out.length;
    known[index] ??= reader.labels().join("|");
    out.push(`${known[index]} ${reader.value}`);
  }
  return out;
}

test.skipIf(folder === undefined).each([
  ["alltypes.237mfs.prom.txt", 1857],
  ["alltypes.237mfs.nometa.prom.txt", 1857],
])("recorded text %s reads the same with and without a cache, in first and later scrapes", (name, count) => {
  const bytes = body(name);
  const plain = series(new TextReader(bytes));
  expect(plain).toHaveLength(count);
  const cache = new LineCache();
  const known: string[] = [];
  for (let scrape = 0; scrape < 3; scrape++) expect(series(new TextReader(bytes, cache), cache, known)).toEqual(plain);
  expect(cache.size).toBe(new Set(plain.map((line) => line.slice(0, line.lastIndexOf(" ")))).size);
});

test.skipIf(folder === undefined)("recorded families are written as a Go client prints them", () => {
  const bytes = body("alltypes.237mfs.prom.txt");
  const result = parseFamilies(bytes);
  expect(result.ok && result.families.length).toBe(237);
  const again = parseFamilies(new TextEncoder().encode(result.ok ? writeText(gather(result.families)) : ""));
  expect(again.ok && gather(again.families)).toEqual(result.ok && gather(result.families));
});

test.skipIf(folder === undefined).each([
  ["alltypes.5mfs.om.txt", 53],
  ["1histogram.om.txt", 42],
])("recorded OpenMetrics %s reads to its end", (name, count) => {
  expect(series(new OpenMetricsReader(body(name)))).toHaveLength(count);
});
