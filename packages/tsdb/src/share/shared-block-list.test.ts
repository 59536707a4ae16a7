import { expect, test } from "vitest";
import type { Block } from "../block/block.ts";
import type { BlockTombstones } from "../block/block-tombstones.ts";
import { SharedBlockList } from "./shared-block-list.ts";

interface FakeBlock extends Pick<Block, "dir"> {
  readonly meta: { readonly minTime: number };
  tombstones: BlockTombstones;
}

const blockOf = (dir: string, minTime: number): Block & FakeBlock =>
  ({ dir, meta: { minTime }, tombstones: {} }) as unknown as Block & FakeBlock;

test("publish() reports from which time on samples may differ: the start of the first block added, removed or changed", () => {
  const list = new SharedBlockList();
  const versions: number[] = [];
  list.onChange = (from) => versions.push(from);
  const [a, b, c] = [blockOf("a", 100), blockOf("b", 200), blockOf("c", 300)];
  const publish = (blocks: readonly Block[], missing: readonly string[] = []): number[] => {
    list.publish(blocks, missing);
    return versions.splice(0);
  };
  expect(publish([b, c])).toEqual([200, 200]);
  expect(publish([b, c])).toEqual([]);
  expect(publish([a, b, c])).toEqual([100, 100]);
  expect(publish([a, c])).toEqual([200, 200]);
  c.tombstones = {} as BlockTombstones;
  expect(publish([a, c])).toEqual([300, 300]);
  expect(publish([a, c], ["block d cannot be read"])).toEqual([-Infinity, -Infinity]);
  expect(publish([a, c])).toEqual([-Infinity, -Infinity]);
  expect(publish([])).toEqual([100, 100]);
});

test("a block keeps its number while it is open, and no other block gets it", () => {
  const [samples, aggregates] = [new SharedBlockList(undefined, 1), new SharedBlockList(undefined, 2)];
  const [a, b] = [blockOf("a", 100), blockOf("b", 200)];
  samples.publish([a, b], []);
  expect([a, b].map((block) => samples.numberOf(block))).toEqual([1, 3]);
  samples.publish([b], []);
  expect(samples.numberOf(a)).toBe(1);
  // Publishes a block of the same name a second time, as after a restore from a backup. Its content may differ, so it
  // gets a new number.
  const again = blockOf("a", 100);
  samples.publish([again, b], []);
  expect(samples.read().blocks.map(({ number }) => number)).toEqual([5, 3]);
  expect([a, b].map((block) => aggregates.numberOf(block))).toEqual([2, 4]);
});
