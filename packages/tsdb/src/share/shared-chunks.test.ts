import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { SampleColumns } from "@narthex/storage";
import { expect, test, vi } from "vitest";
import type { Block } from "../block/block.ts";
import { ChunkMemory, MAX_CHUNK_READERS } from "../select/chunk-memory.ts";
import { DecodedChunks } from "../select/decoded-chunks.ts";
import { SharedChunks } from "./shared-chunks.ts";
import type { ChunkOrder, ChunkVerdict } from "./testing-chunk-reader.ts";

const MIB = 1024 * 1024;
const numberOf = (): number => 1;

function threeSamples(): SampleColumns {
  const columns = new SampleColumns(3);
  const words = new Uint32Array(new Float64Array([1.5]).buffer);
  for (const time of [10, 20, 30]) columns.pushFloat(time, words, 0);
  return columns;
}

const timesOf = (chunks: DecodedChunks, slot: number): number[] => {
  const into = new SampleColumns(1);
  chunks.read(slot, 0, 100, into);
  return Array.from(into.timestamps.subarray(0, into.count));
};

test("a thread finds a chunk that another thread has decoded", () => {
  const shared = new SharedChunks(MIB, numberOf);
  const other = new DecodedChunks(shared.share().handles!, numberOf);
  shared.own.begin();
  const number = shared.own.numberOf({} as Block);
  expect(shared.own.keep(number, 8, threeSamples(), 0)).toBeGreaterThanOrEqual(0);
  other.begin();
  expect(timesOf(other, other.find(number, 8, -1))).toEqual([10, 20, 30]);
  expect(other.find(number, 9, -1)).toBe(-1);
  expect(other.find(number + 1, 8, -1)).toBe(-1);
});

test("a chunk that is removed and cached again while a thread searches for it is kept for that thread", () => {
  const shared = new SharedChunks(MIB, numberOf);
  const { own } = shared;
  const other = new DecodedChunks(shared.share().handles!, numberOf);
  const number = own.numberOf({} as Block);
  own.begin();
  const slot = own.keep(number, 8, threeSamples(), 0);
  own.begin();
  other.begin();
  const mark = vi.spyOn(ChunkMemory.prototype, "mark").mockImplementationOnce(function (this: ChunkMemory, start) {
    mark.mockRestore();
    own.forget(number);
    this.mark(start);
    expect(own.keep(number, 8, threeSamples(), 0)).toBe(slot);
    own.begin();
  });
  expect(other.find(number, 8, -1)).toBe(slot);
  own.forget(number);
  expect(own.find(number, 8, -1)).toBe(slot);
});

test("a chunk that a thread uses stays in memory until the thread begins another read or ends", () => {
  const shared = new SharedChunks(MIB, numberOf);
  const share = shared.share();
  const other = new DecodedChunks(share.handles!, numberOf);
  const { own } = shared;
  own.begin();
  own.keep(1, 8, threeSamples(), 0);
  other.begin();
  expect(other.find(1, 8, -1)).toBeGreaterThanOrEqual(0);
  own.begin();
  own.forget(1);
  expect(own.find(1, 8, -1)).toBeGreaterThanOrEqual(0);
  own.begin();
  other.begin();
  own.forget(1);
  expect(own.find(1, 8, -1)).toBe(-1);
  own.begin();
  own.keep(1, 8, threeSamples(), 0);
  expect(other.find(1, 8, -1)).toBeGreaterThanOrEqual(0);
  own.begin();
  share.release();
  own.forget(1);
  expect(own.find(1, 8, -1)).toBe(-1);
});

test("if a thread ends during a change, its memory is not changed any more, and new threads get other memory", () => {
  const shared = new SharedChunks(MIB, numberOf);
  const dead = shared.share();
  const before = shared.share();
  expect(before.handles!.buffer).toBe(dead.handles!.buffer);
  shared.own.begin();
  shared.own.keep(1, 8, threeSamples(), 0);
  expect(new ChunkMemory(dead.handles!).tryLock()).toBe(true);
  dead.release();
  const next = shared.share();
  expect(next.handles!.buffer).not.toBe(before.handles!.buffer);
  shared.own.begin();
  expect(timesOf(shared.own, shared.own.find(1, 8, -1))).toEqual([10, 20, 30]);
  expect(shared.own.keep(1, 9, threeSamples(), 0)).toBe(-1);
});

test("the number of readers is limited", () => {
  const shared = new SharedChunks(MIB, numberOf);
  const shares = Array.from({ length: MAX_CHUNK_READERS }, () => shared.share());
  expect(shares.map(({ handles }) => handles?.reader)).toEqual([1, 2, 3, 4, 5, 6, 7, undefined]);
  shares[2]!.release();
  expect(shared.share().handles?.reader).toBe(3);
});

test("threads that cache, find, read and drop chunks concurrently never get the samples of another chunk", async () => {
  const shared = new SharedChunks(MIB, numberOf);
  const verdicts = await Promise.all(
    [1, 2, 3].map(async (seed) => {
      const order: ChunkOrder = { handles: shared.share().handles!, rounds: 60_000, refs: 600, seed };
      const worker = new Worker(new URL("./testing-chunk-reader.ts", import.meta.url), { workerData: order });
      const [verdict] = (await once(worker, "message")) as [ChunkVerdict];
      return verdict;
    }),
  );
  for (const { found, kept, problems } of verdicts) {
    expect(problems).toEqual([]);
    expect(found).toBeGreaterThan(1000);
    expect(kept).toBeGreaterThan(1000);
  }
});
