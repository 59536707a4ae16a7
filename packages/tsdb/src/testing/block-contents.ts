import { compareLabels, Labels } from "@narthex/model";
import { SampleColumns } from "@narthex/storage";
import { sameHistogram } from "@narthex/storage/testing";
import { expect } from "vitest";
import type { Block, ChunkBytes } from "../block/block.ts";
import { decodeChunk } from "../block/decode-chunk.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import type { ListedSample, ListedSeries } from "./listed-series.ts";

/**
 * Reads all series of a block in the order of their references. Checks that the times of the chunks agree with the
 * index.
 */
export function seriesOf(block: Block): ListedSeries[] {
  const entry = new SeriesEntry();
  const reader = block.chunkReader();
  const chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  return Array.from(block.allPostings(), (ref) => {
    block.series(ref, entry);
    const ids = entry.labels.subarray(0, entry.labelCount * 2);
    const labels = Labels.fromSortedPairs(Array.from(ids, (id) => block.symbol(id)));
    const columns = new SampleColumns(1);
    for (let i = 0; i < entry.chunkCount; i++) {
      const before = columns.count;
      reader.read(entry.chunkRef[i]!, chunk);
      decodeChunk(chunk, -Infinity, Infinity, columns);
      expect(columns.timestamps[before]).toBe(entry.chunkMinTime[i]);
      expect(columns.timestamps[columns.count - 1]).toBe(entry.chunkMaxTime[i]);
    }
    const samples = Array.from({ length: columns.count }, (_, i): ListedSample => [
      columns.timestamps[i]!,
      columns.histograms?.[i] ?? columns.values[i]!,
    ]);
    return { labels, samples };
  });
}

/** Checks that `found` has exactly the series of `written` that have samples, in the order of their labels. */
export function expectSeries(found: readonly ListedSeries[], written: readonly ListedSeries[]): void {
  const expected = written
    .filter(({ samples }) => samples.length > 0)
    .toSorted((a, b) => compareLabels(a.labels, b.labels));
  expect(found.map(({ labels }) => labels.toString())).toEqual(expected.map(({ labels }) => labels.toString()));
  for (const [i, { samples }] of found.entries()) {
    const wanted = expected[i]!.samples;
    expect(samples.map(([time]) => time).join()).toBe(wanted.map(([time]) => time).join());
    const different = samples.findIndex(([, value], k) => {
      const other = wanted[k]![1];
      if (typeof value === "number" || typeof other === "number") return !Object.is(value, other);
      return !sameHistogram(value, other);
    });
    expect(different).toBe(-1);
  }
}
