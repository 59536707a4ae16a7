import { Matcher } from "@narthex/model";
import { expect, test } from "vitest";
import type { BlockMeta } from "../block/meta.ts";
import {
  downsampledSpan,
  type DownsamplingState,
  expiredDownsampled,
  keyOfDownsampling,
  nextDownsampling,
} from "./downsampling-plan.ts";
import { type DownsamplingRule, seriesOfRule } from "./rule.ts";

const level = (resolutionMs: number, retentionMs = 0) => ({ resolutionMs, retentionMs });
const RULES: readonly DownsamplingRule[] = [
  { matchers: [new Matcher("=", "job", "a")], levels: [level(1), level(10, 500)] },
  { matchers: [], levels: [level(10)] },
];

const span = (minTime: number, maxTime: number) => ({ minTime, maxTime });

const metaOf = (rule: number, resolutionMs: number, minTime: number, maxTime: number, rules = RULES): BlockMeta => ({
  ulid: "",
  minTime,
  maxTime,
  compaction: { level: 1 },
  version: 1,
  downsampled: { resolutionMs, series: seriesOfRule(rules, rule), sources: [] },
});

const STATE: DownsamplingState = {
  rules: RULES,
  raw: [span(100, 200), span(200, 300), span(300, 360)],
  downsampled: [],
  spanMs: 100,
  settled: 300,
  newest: 360,
  done: new Set(),
};

/** Returns all planned downsamplings, one after the other, as if each succeeds before the next is planned. */
function planned(state: DownsamplingState): string[] {
  const made: BlockMeta[] = [...state.downsampled];
  const found: string[] = [];
  for (;;) {
    const next = nextDownsampling({ ...state, downsampled: made });
    if (next === undefined) return found;
    found.push(`${next.rule} at ${next.resolutionMs}: ${next.minTime}-${next.maxTime}`);
    made.push(metaOf(next.rule, next.resolutionMs, next.minTime, next.maxTime, state.rules));
  }
}

test("each rule gets a block of each of its resolutions for all settled time, oldest first", () => {
  expect(planned(STATE)).toEqual([
    "0 at 1: 100-200",
    "0 at 10: 100-200",
    "1 at 10: 100-200",
    "0 at 1: 200-300",
    "0 at 10: 200-300",
    "1 at 10: 200-300",
  ]);
  expect(planned({ ...STATE, settled: 250, rules: RULES.slice(1) })).toEqual(["0 at 10: 100-200"]);
  expect(planned({ ...STATE, rules: [] })).toEqual([]);
});

test("time that is covered, beyond its retention, without raw blocks, or already tried is not planned", () => {
  const rules = RULES.slice(0, 1);
  const covered = [metaOf(0, 1, 100, 160), metaOf(0, 1, 220, 300), metaOf(0, 10, 0, 1000)];
  expect(planned({ ...STATE, rules, downsampled: covered })).toEqual(["0 at 1: 160-200", "0 at 1: 200-220"]);
  expect(planned({ ...STATE, rules, newest: 750 })).toEqual(["0 at 1: 100-200", "0 at 1: 200-300", "0 at 10: 200-300"]);
  expect(planned({ ...STATE, rules, raw: [span(225, 300)] })).toEqual(["0 at 1: 225-300", "0 at 10: 220-300"]);
  const tried = { rule: 0, resolutionMs: 1, minTime: 100, maxTime: 200 };
  expect(planned({ ...STATE, rules, done: new Set([keyOfDownsampling(rules, tried)]) })).not.toContain(
    "0 at 1: 100-200",
  );
});

test("windows that only another resolution has completely are not planned", () => {
  const rules = RULES.slice(0, 1);
  const raw = [span(125, 200)];
  const fine = planned({ ...STATE, rules, raw, downsampled: [metaOf(0, 10, 100, 200)] });
  expect(fine).toEqual(["0 at 1: 130-200"]);
  expect(planned({ ...STATE, rules, raw, downsampled: [metaOf(0, 1, 100, 200)] })).toEqual(["0 at 10: 130-200"]);
  expect(planned({ ...STATE, rules, raw, downsampled: [metaOf(0, 1, 125, 200)] })).toEqual(["0 at 10: 120-200"]);
});

test("a time range that would exceed its retention immediately is not planned", () => {
  const rules = [{ matchers: [], levels: [level(1, 100)] }];
  const downsampled = [metaOf(0, 1, 250, 300, rules)];
  const state = { ...STATE, rules, raw: [span(200, 360)], downsampled };
  expect([planned({ ...state, newest: 349 }), planned({ ...state, newest: 350 })]).toEqual([["0 at 1: 200-250"], []]);
});

test("the plan visits only spans with blocks, however far apart the blocks are", () => {
  const raw = [span(-9e15, -9e15 + 50), ...STATE.raw];
  expect(planned({ ...STATE, rules: RULES.slice(1), raw })).toEqual([
    "0 at 10: -9000000000000000--8999999999999900",
    "0 at 10: 100-200",
    "0 at 10: 200-300",
  ]);
});

test("a rule that is placed after another one is a new rule: its earlier blocks no longer cover it", () => {
  const alone = RULES.slice(1);
  const downsampled = [metaOf(0, 10, 100, 300, alone)];
  expect(planned({ ...STATE, downsampled })).toContain("1 at 10: 100-200");
  expect(planned({ ...STATE, rules: alone, downsampled })).toEqual([]);
});

test("blocks are removed by the retention of their rule; if the rule is gone, by the longest retention of their resolution", () => {
  const blocks = [metaOf(0, 1, 0, 100), metaOf(0, 10, 0, 100), metaOf(1, 10, 0, 100)].map((meta) => ({ meta }));
  const expired = (rules: readonly DownsamplingRule[], newest: number): number[] =>
    expiredDownsampled(blocks, rules, newest).map((block) => blocks.indexOf(block));
  expect([expired(RULES, 599), expired(RULES, 600), expired([], 1e9)]).toEqual([[], [1], []]);
  const other = [{ matchers: [], levels: [level(10, 700)] }];
  expect([expired(other, 799), expired(other, 800)]).toEqual([[], [1, 2]]);
});

test("a block covers at most a third of the retention, in whole blocks of the longest range that fits", () => {
  const spans = [360, 40, 20, 6, 0].map((retention) => downsampledSpan([2, 6, 18], retention));
  expect(spans).toEqual([108, 12, 6, 2, 18]);
});
