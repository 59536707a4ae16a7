import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ENTRY_END,
  ENTRY_SERIES,
  type EntryReader,
  LineCache,
  OpenMetricsReader,
  parseFamilies,
  TextReader,
  writeOpenMetrics,
} from "@narthex/exposition";
import type { BenchCase, Figure } from "./report.ts";

const ROUNDS = 5;
const WARM_UPS = 100;
const PASSES = 300;

type Open = (body: Uint8Array, cache: LineCache) => EntryReader;

/** Parses a response body as a scrape does. Returns the number of samples. */
function read(open: Open, body: Uint8Array, cache: LineCache): number {
  cache.begin();
  const reader = open(body, cache);
  let samples = 0;
  for (;;) {
    const known = reader.peekKnown?.();
    if (known !== undefined) {
      samples += known.count;
      reader.passKnown!(known.count);
      continue;
    }
    const kind = reader.next();
    if (kind === ENTRY_END) return samples;
    if (kind !== ENTRY_SERIES) continue;
    const size = cache.size;
    if (cache.take(reader) === size) reader.labels();
    samples++;
  }
}

/** Returns the parsing speed in megabytes per second of CPU time. */
function speed(open: Open, body: Uint8Array, cacheOf: () => LineCache): number {
  for (let i = 0; i < WARM_UPS; i++) read(open, body, cacheOf());
  const before = process.cpuUsage();
  for (let i = 0; i < PASSES; i++) read(open, body, cacheOf());
  const { user, system } = process.cpuUsage(before);
  return (body.length * PASSES) / (user + system);
}

const openText: Open = (body, cache) => new TextReader(body, cache);
const openMetrics: Open = (body, cache) => new OpenMetricsReader(body, cache);

/**
 * Parses a text exposition into series and values on one thread. Measures only the library, so there is no other
 * program to compare.
 */
export const parseCase: BenchCase = {
  name: "parse",
  run() {
    const folder = process.env["NARTHEX_CONFORMANCE"];
    if (folder === undefined) throw new Error("NARTHEX_CONFORMANCE names the folder with exposition/*.prom.txt");
    const text = readFileSync(join(folder, "exposition/alltypes.237mfs.prom.txt"));
    const withoutMetadata = readFileSync(join(folder, "exposition/alltypes.237mfs.nometa.prom.txt"));
    const families = parseFamilies(text);
    if (!families.ok) throw new Error(families.message);
    const bodies: readonly [string, Open, Uint8Array][] = [
      ["text, 237 families", openText, text],
      ["text without metadata", openText, withoutMetadata],
      ["OpenMetrics, 237 families", openMetrics, new TextEncoder().encode(writeOpenMetrics(families.families))],
    ];
    const figures = bodies.flatMap(([what, open, body]): Figure[] => {
      const known = new LineCache();
      const rounds = (cacheOf: () => LineCache): number[] =>
        Array.from({ length: ROUNDS }, () => speed(open, body, cacheOf));
      const figure = { unit: "MB per CPU second", better: "higher", peer: [] } as const;
      return [
        { what: `${what}, known lines`, ours: rounds(() => known), ...figure },
        { what: `${what}, unknown lines`, ours: rounds(() => new LineCache()), ...figure },
      ];
    });
    return Promise.resolve({
      setting: `${text.length}, ${withoutMetadata.length} and ${bodies[2]![2].length} bytes`,
      figures,
    });
  },
};
