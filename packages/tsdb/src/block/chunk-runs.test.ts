import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { ChunkRun } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { ListedSource } from "../testing/listed-series.ts";
import type { Block, ChunkBytes } from "./block.ts";
import { BlockError } from "./block-error.ts";
import { openBlock } from "./open-block.ts";
import { SeriesEntry } from "./series-entry.ts";
import { writeBlock } from "./write-block.ts";

const dir = temporaryFolder();
let made = 0;

/**
 * Writes a block in which series i has `chunks[i]` chunks. A sample takes about nine bytes, so some chunks are longer
 * than one read.
 */
function pathOfBlock(samplesPerChunk: number, chunks: readonly number[]): string {
  const ulid = `01TEST${String(made++).padStart(20, "0")}`;
  const series = chunks.map((count, i) => ({
    labels: Labels.of({ __name__: "m", i: `${i}`.padStart(4, "0") }),
    samples: Array.from({ length: count * samplesPerChunk }, (_, k) => [k * 1000, Math.sin(k * 7 + i)] as const),
  }));
  const draft = { ulid, minTime: 0, maxTime: 1e9, compaction: { level: 1, sources: [ulid] } };
  writeBlock(dir, draft, new ListedSource(series, samplesPerChunk), diskFiles);
  return join(dir, ulid);
}

function refsOf(block: Block): number[] {
  const entry = new SeriesEntry();
  return Array.from(block.allPostings(), (ref) => {
    block.series(ref, entry);
    return [...entry.chunkRef.subarray(0, entry.chunkCount)];
  }).flat();
}

interface Chunk {
  readonly data: Uint8Array;
  readonly encoding: number;
  readonly checksum: number | undefined;
}

function oneByOne(block: Block, refs: readonly number[]): Chunk[] {
  const reader = block.chunkReader();
  const chunk: ChunkBytes = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  return refs.map((ref) => {
    reader.read(ref, chunk);
    return { data: chunk.bytes.slice(chunk.start, chunk.end), encoding: chunk.encoding, checksum: chunk.checksum };
  });
}

/**
 * Reads the chunks `refs` in runs of adjacent chunks. `take` lists how many chunks each call requests. After the last
 * entry of `take`, the first entry is used again.
 */
function inRuns(block: Block, refs: readonly number[], take: readonly number[]): { chunks: Chunk[]; runs: number } {
  const reader = block.chunkReader();
  const run = new ChunkRun();
  const chunks: Chunk[] = [];
  let runs = 0;
  for (let from = 0; from < refs.length; runs++) {
    const to = Math.min(refs.length, from + take[runs % take.length]!);
    const next = reader.readRun(refs, from, to, run);
    expect(next).toBe(from + run.count);
    expect(next).toBeLessThanOrEqual(to);
    for (let i = 0; i < run.count; i++) {
      expect(run.start[i]).toBeGreaterThanOrEqual(i === 0 ? 0 : run.end[i - 1]!);
      const data = run.bytes.slice(run.start[i], run.end[i]);
      chunks.push({ data, encoding: run.encoding[i]!, checksum: run.checksum[i] });
    }
    from = next;
  }
  return { chunks, runs };
}

test("a run of chunks gives the same bytes as reading each chunk alone", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(2, 13, 14, 15, 120, 2000, 16_000),
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
      fc.nat(3),
      (samplesPerChunk, chunks, take, left) => {
        const path = pathOfBlock(samplesPerChunk, chunks);
        const block = openBlock(path, { files: diskFiles });
        // If `left` is above 0, the references skip some chunks and then list all chunks in reverse order. Most
        // neighbours in this list are not adjacent in the file, so runs must end between them.
        const all = refsOf(block);
        const refs = left === 0 ? all : [...all.filter((_, i) => i % (left + 1) !== 1), ...all.toReversed()];
        expect(inRuns(block, refs, take).chunks).toEqual(oneByOne(block, refs));
        block.close();
        rmSync(path, { recursive: true });
      },
    ),
    { numRuns: 20 },
  );
});

test("adjacent chunks are read in one run as far as they fit into one read into one read", () => {
  const block = openBlock(pathOfBlock(120, [100, 100]), { files: diskFiles });
  const refs = refsOf(block);
  const { chunks, runs } = inRuns(block, refs, [200]);
  expect(chunks).toHaveLength(200);
  // A run has at most 64 chunks, so 200 chunks need at least four runs. The end of the read-ahead buffer may end one or
  // two more runs.
  expect(runs).toBeLessThan(7);
  block.close();
});

test("a run ends before a damaged chunk, and reading that chunk fails", () => {
  const path = pathOfBlock(10, [9]);
  const file = join(path, "chunks/000001");
  const bytes = readFileSync(file);
  const block = openBlock(path, { files: diskFiles });
  const refs = refsOf(block);
  const good = oneByOne(block, refs);
  block.close();
  bytes[refs[4]! + 8]! ^= 1;
  writeFileSync(file, bytes);
  const damaged = openBlock(path, { files: diskFiles });
  const reader = damaged.chunkReader();
  const run = new ChunkRun();
  expect(reader.readRun(refs, 0, 9, run)).toBe(4);
  expect(() => reader.readRun(refs, 4, 9, run)).toThrow(BlockError);
  expect(reader.readRun(refs, 5, 9, run)).toBe(9);
  expect(run.bytes.slice(run.start[3], run.end[3])).toEqual(good[8]!.data);
  damaged.close();
});
