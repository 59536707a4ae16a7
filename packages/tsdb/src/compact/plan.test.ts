import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blockRanges, planCompaction, type PlannedBlock } from "./plan.ts";

interface Block extends PlannedBlock {
  readonly name: string;
}

const block = (minTime: number, maxTime: number, more: Partial<PlannedBlock> = {}): Block => ({
  name: `${minTime}-${maxTime}`,
  minTime,
  maxTime,
  numSeries: 10,
  numTombstones: 0,
  failed: false,
  ...more,
});

const options = { ranges: [20, 60, 180, 540, 1620], mergeOverlapping: true };

const plan = (blocks: readonly Block[], more: Partial<typeof options> = {}): string[] =>
  planCompaction(blocks, { ...options, ...more }).map(({ name }) => name);

const CASES: readonly (readonly [what: string, blocks: readonly Block[], planned: readonly string[]])[] = [
  ["no block", [], []],
  ["one block", [block(0, 20)], []],
  ["a window that the newest block fills waits", [block(0, 20), block(20, 40), block(40, 60)], []],
  [
    "a full window goes once a later block exists",
    [block(0, 20), block(20, 40), block(40, 60), block(60, 80)],
    ["0-20", "20-40", "40-60"],
  ],
  [
    "order of the blocks does not matter",
    [block(60, 80), block(20, 40), block(0, 20), block(40, 60)],
    ["0-20", "20-40", "40-60"],
  ],
  ["a window with a gap inside spans its range", [block(0, 20), block(40, 60), block(60, 80)], ["0-20", "40-60"]],
  ["a window that is not full waits while more may come", [block(20, 40), block(40, 60), block(60, 80)], []],
  [
    "a window that is not full goes when later blocks have begun",
    [block(20, 40), block(40, 60), block(60, 80), block(80, 100)],
    ["20-40", "40-60"],
  ],
  ["a block alone in its window stays", [block(0, 20), block(60, 80), block(120, 140), block(180, 200)], []],
  [
    "the lowest level first, then the next",
    [block(0, 60), block(60, 120), block(120, 180), block(180, 200), block(200, 220), block(220, 240), block(240, 260)],
    ["180-200", "200-220", "220-240"],
  ],
  [
    "three windows make the next level",
    [block(0, 60), block(60, 120), block(120, 180), block(180, 200)],
    ["0-60", "60-120", "120-180"],
  ],
  [
    "a window with a failed block is passed over",
    [
      block(0, 20),
      block(20, 40, { failed: true }),
      block(40, 60),
      block(60, 80),
      block(80, 100),
      block(100, 120),
      block(120, 140),
    ],
    ["60-80", "80-100", "100-120"],
  ],
  ["a block that crosses windows is left out", [block(0, 20), block(10 + 40, 70), block(70, 90), block(100, 120)], []],
  [
    "negative times have windows, too",
    [block(-60, -40), block(-40, -20), block(-20, 0), block(0, 20)],
    ["-60--40", "-40--20", "-20-0"],
  ],
  ["overlapping blocks go first", [block(0, 20), block(19, 40), block(40, 60), block(60, 80)], ["0-20", "19-40"]],
  [
    "a run overlaps through its longest block",
    [block(0, 20), block(20, 100), block(40, 60), block(80, 90), block(100, 120)],
    ["20-100", "40-60", "80-90"],
  ],
  ["the newest block takes part in an overlap", [block(0, 20), block(10, 40)], ["0-20", "10-40"]],
  [
    "a run with a block that failed before is passed over",
    [block(0, 20), block(10, 30, { failed: true }), block(30, 50), block(40, 60)],
    ["30-50", "40-60"],
  ],
  ["only the first run", [block(0, 20), block(10, 30), block(30, 50), block(40, 60)], ["0-20", "10-30"]],
  ["a long block with over five percent deleted", [block(0, 540, { numTombstones: 1 }), block(540, 560)], ["0-540"]],
  ["not at five percent", [block(0, 540, { numSeries: 19, numTombstones: 1 }), block(540, 560)], []],
  [
    "the newest of them first",
    [block(0, 540, { numTombstones: 5 }), block(540, 1080, { numTombstones: 5 }), block(1080, 1100)],
    ["540-1080"],
  ],
  ["a short block that is deleted wholly", [block(0, 20, { numTombstones: 10 }), block(20, 40)], ["0-20"]],
  [
    "the search ends at a short block",
    [block(0, 540, { numTombstones: 5 }), block(540, 560, { numTombstones: 1 }), block(560, 580)],
    [],
  ],
  ["deletions in the newest block wait", [block(0, 540), block(540, 1080, { numTombstones: 10 })], []],
];

test.each(CASES)("%s", (_what, blocks, planned) => {
  expect(plan(blocks)).toEqual(planned);
});

test("overlapping blocks are not merged if `mergeOverlapping` is false", () => {
  expect(plan([block(0, 20), block(10, 40), block(40, 60)], { mergeOverlapping: false })).toEqual([]);
});

test("each range is three times as long as the previous one, up to the longest block", () => {
  expect(blockRanges(2, 60)).toEqual([2, 6, 18, 54]);
  expect(blockRanges(2, 54)).toEqual([2, 6, 18, 54]);
  expect(blockRanges(2, 1)).toEqual([2]);
  expect(blockRanges(1, 1e9).length).toBe(10);
});

const anyBlocks = fc.array(fc.record({ at: fc.nat(60), level: fc.nat(3), tombstones: fc.nat(11) }), { maxLength: 40 });

test("repeated planning ends, keeps the time range of every block and leaves no overlap", () => {
  fc.assert(
    fc.property(anyBlocks, (drawn) => {
      let blocks = drawn.map(({ at, level, tombstones }) => {
        const length = options.ranges[level]!;
        const minTime = Math.floor((at * 20) / length) * length;
        return block(minTime, minTime + length, { numTombstones: tombstones });
      });
      const covered = (time: number): boolean => blocks.some((b) => b.minTime <= time && time < b.maxTime);
      const before = Array.from({ length: 200 }, (_, i) => covered(i * 10));
      for (let step = 0; ; step++) {
        expect(step).toBeLessThan(200);
        const planned = planCompaction(blocks, options);
        if (planned.length === 0) break;
        const minTime = Math.min(...planned.map((b) => b.minTime));
        const maxTime = Math.max(...planned.map((b) => b.maxTime));
        blocks = [...blocks.filter((b) => !planned.includes(b)), block(minTime, maxTime)];
      }
      expect(before.every((was, i) => !was || covered(i * 10))).toBe(true);
      const sorted = blocks.sort((a, b) => a.minTime - b.minTime);
      for (const [i, next] of sorted.slice(1).entries())
        expect(next.minTime).toBeGreaterThanOrEqual(sorted[i]!.maxTime);
    }),
  );
});
