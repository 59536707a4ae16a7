import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { HeadMemory } from "../head/memory/head-memory.ts";
import { ChunkBatch } from "./chunk-batch.ts";

test("a batch that grows keeps the times, encodings, bytes and series of all its chunks", () => {
  const { chunks } = new HeadMemory();
  const batch = new ChunkBatch("", diskFiles);
  const COUNT = 10_000;
  const bytes = new Uint8Array(500);
  for (let i = 0; i < COUNT; i++) {
    const size = 100 + (i % 300);
    bytes.fill(i & 0xff);
    if (i % 2 === 0) batch.copy(bytes, 50, size, i % 7, i, i + 0.5);
    else batch.note(chunks.add(bytes, 50, size, i % 7, i, i + 0.5, 0), chunks);
    batch.endSeries(undefined);
  }
  batch.load(chunks);
  const wrong = Array.from({ length: COUNT }, (_, i) => i).filter((i) => {
    const [start, size] = [batch.start[i]!, batch.size[i]!];
    const stored = batch.bytes.subarray(start, start + size);
    const found = [batch.minTime[i], batch.maxTime[i], batch.encoding[i], size, batch.seriesEnd[i], stored.length];
    const expected = [i, i + 0.5, i % 7, 100 + (i % 300), i + 1, size];
    return String(found) !== String(expected) || stored.some((byte) => byte !== (i & 0xff));
  });
  expect(wrong).toEqual([]);
});
