import { expect, test } from "vitest";
import type { BlockMeta } from "../block/meta.ts";
import { cleanedDraft, mergedDraft } from "../compact/draft.ts";
import { neededBlocks, sourceOf } from "./needed-blocks.ts";

const series = { matchers: [], notOf: [] };

const raw = (minTime: number, maxTime: number, ...sources: string[]): { readonly meta: BlockMeta } => ({
  meta: { ulid: sources.join(), minTime, maxTime, compaction: { level: 2, sources }, version: 1 },
});

const made = (minTime: number, maxTime: number, ...of: { readonly meta: BlockMeta }[]): typeof A => ({
  meta: {
    ...raw(minTime, maxTime, "x").meta,
    downsampled: { resolutionMs: 10, series, sources: of.map(({ meta }) => sourceOf(meta)) },
  },
});

const cleaned = (ulid: string, { meta }: typeof A): typeof A => ({ meta: { ...cleanedDraft(ulid, meta), version: 1 } });
const merged = (ulid: string, ...of: (typeof A)[]): typeof A => ({
  meta: {
    ...mergedDraft(
      ulid,
      of.map(({ meta }) => meta),
    ),
    version: 1,
  },
});

const A = raw(0, 50, "a");
const B = raw(50, 100, "b");
const C = raw(100, 160, "c");
const D = raw(160, 200, "d");
const ALL = [made(0, 100, A, B), made(100, 200, C, D)];

test.each([
  ["all samples are there, merged or not", [A, raw(50, 200, "b", "c", "d")], [], -Infinity],
  ["all is gone", [], [0, 1], 200],
  ["retention took the oldest", [B, merged("m", C, D)], [0], 50],
  ["it took more", [D], [0, 1], 160],
  ["one in the middle is gone", [A, C, D], [0], 100],
  ["what came for that time does not count", [raw(0, 200, "e")], [0, 1], 200],
  ["one was written anew without what was deleted", [cleaned("a2", A), B, C, D], [], -Infinity],
  ["and was merged after that", [merged("m", cleaned("a2", A), B), C, D], [], -Infinity],
  ["another one was", [cleaned("b2", B), C, D], [0], 50],
])("%s", (_, blocks, needed, before) => {
  expect(neededBlocks(ALL, blocks)).toEqual({ blocks: needed.map((i) => ALL[i]), before });
});

test("after a pause of scraping, only time whose blocks were removed needs downsampled blocks", () => {
  const span = [made(0, 100, raw(0, 20, "a"), raw(20, 40, "b"), raw(70, 100, "c"))];
  const left = [raw(20, 40, "b"), raw(70, 100, "c")];
  expect(neededBlocks(span, left)).toEqual({ blocks: span, before: 20 });
});
