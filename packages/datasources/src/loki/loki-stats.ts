import type { QueryStat } from "@narthex/dashboards";
import { asObject } from "../json-values.ts";

const SHARED = [
  ["head chunk bytes", "headChunkBytes", "decbytes"],
  ["head chunk lines", "headChunkLines", ""],
  ["decompressed bytes", "decompressedBytes", "decbytes"],
  ["decompressed lines", "decompressedLines", ""],
  ["compressed bytes", "compressedBytes", "decbytes"],
  ["total duplicates", "totalDuplicates", ""],
] as const;

/** The parts of Loki's statistics, with the names and units that Grafana shows. */
const PARTS: Readonly<Record<string, readonly (readonly [name: string, key: string, unit: string])[]>> = {
  summary: [
    ["bytes processed per second", "bytesProcessedPerSecond", "Bps"],
    ["lines processed per second", "linesProcessedPerSecond", ""],
    ["total bytes processed", "totalBytesProcessed", "decbytes"],
    ["total lines processed", "totalLinesProcessed", ""],
    ["exec time", "execTime", "s"],
  ],
  store: [
    ["total chunks ref", "totalChunksRef", ""],
    ["total chunks downloaded", "totalChunksDownloaded", ""],
    ["chunks download time", "chunksDownloadTime", "s"],
    ...SHARED,
  ],
  ingester: [
    ["total reached", "totalReached", ""],
    ["total chunks matched", "totalChunksMatched", ""],
    ["total batches", "totalBatches", ""],
    ["total lines sent", "totalLinesSent", ""],
    ...SHARED,
  ],
};

/** Returns the statistics of an answer. Numbers that are missing or of a wrong type are 0, as in Grafana. */
export function lokiStats(stats: unknown): readonly QueryStat[] {
  const given = asObject(stats) ?? {};
  return Object.entries(PARTS).flatMap(([part, numbers]) => {
    const values = Object.hasOwn(given, part) ? asObject(given[part]) : undefined;
    if (values === undefined) return [];
    const title = part[0]!.toUpperCase() + part.slice(1);
    return numbers.map(([name, key, unit]): QueryStat => {
      const value = Object.hasOwn(values, key) ? values[key] : 0;
      return {
        displayName: `${title}: ${name}`,
        ...(unit !== "" && { unit }),
        value: typeof value === "number" ? value : 0,
      };
    });
  });
}
