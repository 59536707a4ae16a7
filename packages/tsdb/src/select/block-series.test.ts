import { DecodedBytes, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { ENCODING_XOR, maxChunkBytes, XorWriter } from "../chunk/xor.ts";
import { BlockSeries } from "./block-series.ts";
import { SelectionChunks } from "./selection-chunks.ts";
import { DecodedChunks } from "./decoded-chunks.ts";

/** A block with one series of one chunk, whose reads are counted. */
function oneChunk(): { readonly block: Block; readonly reads: () => number } {
  const writer = new XorWriter();
  writer.begin(new Uint8Array(maxChunkBytes(3)), 0);
  for (const time of [10, 20, 30]) writer.append(time, 0, time);
  let reads = 0;
  const block = {
    chunkReader: () => ({
      read(_: number, into: object) {
        reads++;
        Object.assign(into, { bytes: writer.bytes, start: 0, end: writer.byteLength, encoding: ENCODING_XOR });
      },
    }),
  } as unknown as Block;
  return { block, reads: () => reads };
}

function selectionOf(block: Block) {
  const entry = new SeriesEntry();
  Object.assign(entry, { chunkCount: 1, chunkMinTime: [10], chunkMaxTime: [30], chunkRef: [8] });
  const chunks = new SelectionChunks(0, 100);
  chunks.add(entry, undefined);
  return { block, chunks, labels: [], deleted: undefined, tombstones: {} as BlockTombstones };
}

test("a chunk is kept decoded from its second whole read on, for all selections", () => {
  const { block, reads } = oneChunk();
  const decoded = DecodedChunks.ofOneThread(1 << 20);
  const selection = selectionOf(block);
  const read = (of: typeof selection, from: number): number[] => {
    const into = new SampleColumns();
    new BlockSeries(of, decoded, new DecodedBytes()).append(0, from, 100, into);
    return Array.from(into.timestamps.subarray(0, into.count));
  };
  const whole = [10, 20, 30];
  expect([read(selection, 0), read(selection, 15), reads()]).toEqual([whole, [20, 30], 2]);
  expect([read(selection, 0), reads()]).toEqual([whole, 3]);
  expect([read(selection, 0), read(selection, 15), reads()]).toEqual([whole, [20, 30], 3]);
  expect([read(selectionOf(block), 0), reads()]).toEqual([whole, 3]);
});
