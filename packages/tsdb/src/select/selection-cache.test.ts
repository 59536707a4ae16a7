import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { SampleColumns } from "@narthex/storage";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import { openBlock } from "../block/open-block.ts";
import { writeBlock } from "../block/write-block.ts";
import { diskFiles } from "../files.ts";
import { ListedSource } from "../testing/listed-series.ts";
import { mergedQueryable } from "./merge.ts";
import { SelectionCache } from "./selection-cache.ts";

const HOUR = 3_600_000;
const dir = temporaryFolder();

/** Returns a block of two hours. Series i has one sample per quarter of an hour, in the first i + 1 quarters. */
function blockAt(hour: number, series = 8): Block {
  const ulid = `01SEEN${String(hour).padStart(20, "0")}`;
  const listed = Array.from({ length: series }, (_, i) => ({
    labels: Labels.of({ __name__: "m", i: `${i}` }),
    samples: Array.from({ length: (i % 4) + 1 }, (__, at): [number, number] => [(hour + at / 2) * HOUR, i]),
  }));
  const draft = { ulid, minTime: hour * HOUR, maxTime: (hour + 2) * HOUR, compaction: { level: 1, sources: [ulid] } };
  writeBlock(dir, draft, new ListedSource(listed, 1), diskFiles);
  return openBlock(join(dir, ulid), { files: diskFiles });
}

const blocks = [0, 2, 4, 6, 8, 10].map((hour) => blockAt(hour));
const all = [new Matcher("=", "__name__", "m")];

/** Wraps a block and counts the reads of its series. */
function counting(block: Block): { block: Block; reads: () => number } {
  let reads = 0;
  const counted = new Proxy(block, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      if (key === "series") reads++;
      return value.bind(target) as unknown;
    },
  });
  return { block: counted, reads: () => reads };
}

const select = (cache: SelectionCache, from: number, to: number, chosen = blocks) =>
  cache.select(chosen, all, from * HOUR, to * HOUR, {});

test("if the requested range moves a little, the selection comes from the cache and the index is not read", async () => {
  const cache = new SelectionCache(1 << 20);
  const { block, reads } = counting(blocks[0]!);
  cache.use([block]);
  await select(cache, 0, 1, [block]);
  const first = reads();
  expect(first).toBeGreaterThan(0);
  await select(cache, 0.5, 2, [block]);
  expect(reads()).toBe(first);
  await select(cache, 0.5, 13, [block]);
  expect(reads()).toBeGreaterThan(first);
});

test("a cached selection does not return samples that were deleted since", async () => {
  const block = blockAt(100);
  const cache = new SelectionCache(1 << 20);
  const range = [100 * HOUR, 102 * HOUR] as const;
  expect((await cache.select([block], all, ...range, {})).labels).toHaveLength(8);
  const [ref] = block.postings("i", "3");
  await block.replaceTombstones(new Map([[ref!, [{ minTime: 0, maxTime: 200 * HOUR }]]]));
  expect((await cache.select([block], all, ...range, {})).labels).toHaveLength(7);
});

test("the cache removes blocks that are no longer in use, and stays within its size", async () => {
  const cache = new SelectionCache(8000);
  cache.use(blocks);
  const [a, b] = [counting(blocks[0]!), counting(blocks[1]!)];
  cache.use([a.block, b.block]);
  await select(cache, 0, 2, [a.block]);
  const before = a.reads();
  cache.use([b.block]);
  cache.use([a.block, b.block]);
  await select(cache, 0, 2, [a.block]);
  expect(a.reads()).toBe(before * 2);
  // Each selection takes about 2,900 bytes, so this one evicts the first.
  await select(cache, 2, 4, [b.block]);
  await select(cache, -1, 4, [b.block]);
  await select(cache, 0, 2, [a.block]);
  expect(a.reads()).toBe(before * 3);
});

test("a storage with a cache gives the same result for every range as a storage without one", async () => {
  const head = {
    querier: () => ({
      select: () => Promise.resolve({ labels: [], warnings: [], read() {} }),
      labelNames: () => Promise.resolve([]),
      labelValues: () => Promise.resolve([]),
      close() {},
    }),
  };
  const remembering = mergedQueryable(head, () => blocks);
  const hour = fc.integer({ min: -2, max: 26 }).map((half) => half / 2);
  const answer = async (storage: typeof remembering, [from, to]: readonly [number, number]): Promise<string[]> => {
    const querier = storage.querier(from * HOUR, to * HOUR);
    const set = await querier.select(all, { start: from * HOUR, end: to * HOUR });
    const into = new SampleColumns(1);
    const lines = set.labels.map((labels, i) => {
      set.read(i, -Infinity, Infinity, into);
      return `${String(labels)} ${into.timestamps.subarray(0, into.count).join()}`;
    });
    querier.close();
    return lines;
  };
  await fc.assert(
    fc.asyncProperty(fc.tuple(hour, hour), async (range) => {
      const fresh = await answer(
        mergedQueryable(head, () => blocks),
        range,
      );
      expect(await answer(remembering, range)).toEqual(fresh);
    }),
  );
});
