import { expect, test } from "vitest";
import type { BlockMeta } from "../block/meta.ts";
import { chooseDownsampled } from "./choose-blocks.ts";

const of = (resolutionMs: number, minTime: number, maxTime: number, name = "a"): { readonly meta: BlockMeta } => {
  const series = { matchers: [{ type: "=" as const, name: "job", value: name }], notOf: [] };
  const downsampled = { resolutionMs, series, sources: [] };
  return { meta: { ulid: "", minTime, maxTime, compaction: { level: 1 }, downsampled, version: 1 } };
};

const chosen = (blocks: readonly ReturnType<typeof of>[], window: number): string[] =>
  chooseDownsampled(blocks, { window }).map(
    ({ block, minTime, maxTime }) => `${block.meta.downsampled!.resolutionMs}: ${minTime}-${maxTime}`,
  );

test("the coarsest resolution that fits the query's window is read first, then finer ones, then coarser ones", () => {
  const blocks = [of(5, 0, 100), of(60, 0, 100), of(20, 0, 100)];
  expect([chosen(blocks, 60), chosen(blocks, 59), chosen(blocks, 19), chosen(blocks, 4)]).toEqual([
    ["60: 0-100"],
    ["20: 0-100"],
    ["5: 0-100"],
    ["5: 0-100"],
  ]);
});

test("a block is read for each part of its time range that no preferred block covers", () => {
  expect(chosen([of(60, 0, 360), of(5, 120, 240)], 5)).toEqual(["60: 0-121", "5: 120-240", "60: 241-360"]);
  expect(chosen([of(60, 120, 360), of(5, 0, 240)], 60)).toEqual(["5: 0-121", "60: 120-360"]);
  expect(chosen([of(60, 0, 120, "b"), of(5, 0, 120, "a")], 5)).toEqual(["5: 0-120", "60: 0-120"]);
  expect(chosen([of(5, 0, 120), of(5, 60, 180)], 5)).toEqual(["5: 0-120", "5: 60-180"]);
});
