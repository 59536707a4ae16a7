import type { QueueNumber, QueueStats } from "./queue-stats.ts";

/** Counter for each type of record in the write-ahead log, by the record's type (its first byte). */
const COUNTERS: Readonly<Record<number, QueueNumber>> = {
  1: "seriesRecords",
  2: "sampleRecords",
  3: "tombstoneRecords",
  4: "exemplarRecords",
  5: "markerRecords",
  6: "metadataRecords",
  7: "histogramRecords",
  8: "floatHistogramRecords",
  9: "customHistogramRecords",
  10: "customFloatHistogramRecords",
  11: "sampleRecords",
  12: "histogramRecords",
  13: "floatHistogramRecords",
};

export function countRecord(stats: QueueStats, type: number | undefined): void {
  const counter = type === undefined ? undefined : COUNTERS[type];
  stats.add(counter ?? "unknownRecords", 1);
}
