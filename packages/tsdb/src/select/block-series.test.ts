import { DecodedBytes, SampleColumns } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";
import { SeriesEntry } from "../block/series-entry.ts";
import { ENCODING_XOR, maxChunkBytes, XorWriter } from "../chunk/xor.ts";
import { ENCODING_COLUMNS, Frame } from "../columnar/frame.ts";
import { FrameGroup } from "../columnar/frame-group.ts";
import { BlockSeries } from "./block-series.ts";
import { SelectionChunks } from "./selection-chunks.ts";
import { DecodedChunks } from "./decoded-chunks.ts";

/** Returns a block with one series of one chunk, and a function that returns how often the chunk was read. */
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

test("a chunk is cached in decoded form from its second read on, for all selections, even if only a part was read", () => {
  const { block, reads } = oneChunk();
  const decoded = DecodedChunks.ofOneThread(1 << 20);
  const selection = selectionOf(block);
  const read = (of: typeof selection, from: number): number[] => {
    const into = new SampleColumns();
    new BlockSeries(of, decoded, new DecodedBytes()).append(0, from, 100, into);
    return Array.from(into.timestamps.subarray(0, into.count));
  };
  const whole = [10, 20, 30];
  expect([read(selection, 15), reads()]).toEqual([[20, 30], 1]);
  expect([read(selection, 15), reads()]).toEqual([[20, 30], 2]);
  expect([read(selection, 0), read(selection, 15), reads()]).toEqual([whole, [20, 30], 2]);
  expect([read(selectionOf(block), 0), reads()]).toEqual([whole, 2]);
  const other = DecodedChunks.ofOneThread(1 << 20);
  const again = selectionOf(block);
  const into = new SampleColumns();
  for (let i = 0; i < 3; i++) new BlockSeries(again, other, new DecodedBytes()).append(0, 0, 100, into);
  expect([into.count, reads()]).toEqual([9, 4]);
});

/**
 * Returns a block with one series, whose chunk has 600 samples in columns. Also returns a function that returns how
 * often the chunk was decoded.
 */
function oneColumnChunk(): { readonly block: Block; readonly decoded: () => number } {
  const samples = new SampleColumns();
  for (let i = 0; i < 600; i++)
    samples.pushFloat(10 + i * 10 + (i % 3), new Uint32Array(Float64Array.of(i / 4).buffer), 0);
  const group = new FrameGroup();
  group.addFloats(samples, 0, samples.count);
  const [content] = group.frames();
  const frame = new Frame(content!.bytes.slice());
  let decoded = 0;
  Object.assign(frame, {
    read(...parameters: Parameters<Frame["read"]>) {
      decoded++;
      Frame.prototype.read.apply(frame, parameters);
    },
  });
  const block = {
    isColumnar: true,
    chunkReader: () => ({
      read: (_: number, into: object) =>
        void Object.assign(into, { bytes: frame.bytes, start: 0, end: 8, encoding: ENCODING_COLUMNS, frame, place: 0 }),
    }),
  } as unknown as Block;
  return { block, decoded: () => decoded };
}

test("a chunk of columns is cached from its second read on, even if only a part of it was read", () => {
  const { block, decoded } = oneColumnChunk();
  const entry = new SeriesEntry();
  Object.assign(entry, { chunkCount: 1, chunkMinTime: [10], chunkMaxTime: [6002], chunkRef: [2 ** 44] });
  const chunks = new SelectionChunks(0, 1e4);
  chunks.add(entry, undefined);
  const selection = { block, chunks, labels: [], deleted: undefined, tombstones: {} as BlockTombstones };
  const memory = DecodedChunks.ofOneThread(1 << 20);
  const all = Array.from({ length: 600 }, (_, i) => [10 + i * 10 + (i % 3), i / 4]);
  const expectPart = (from: number, to: number, reads: number): void => {
    const into = new SampleColumns();
    memory.begin();
    new BlockSeries(selection, memory, new DecodedBytes()).append(0, from, to, into);
    const found = Array.from({ length: into.count }, (_, i) => [into.timestamps[i], into.values[i]]);
    expect(found).toEqual(all.filter(([time]) => time! >= from && time! <= to));
    expect(decoded()).toBe(reads);
  };
  expectPart(1000, 2000, 1);
  expectPart(500, 1e4, 2);
  expectPart(1000, 2000, 2);
  expectPart(0, 1e4, 2);
  expectPart(5990, 5995, 2);
});
