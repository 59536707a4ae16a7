import { expect, test } from "vitest";
import { highestCount, type KnownDifference, KnownDifferences, lowestCount } from "./known-differences.ts";

interface Pair {
  readonly ours: string;
  readonly theirs: string;
}

const RULES: readonly KnownDifference<Pair>[] = [
  {
    reason: "case is free in names",
    share: 0.1,
    applies: ({ ours }) => /^[a-z]/i.test(ours),
    normalise: ({ ours, theirs }) => [ours.toLowerCase(), theirs.toLowerCase()],
  },
  { reason: "numbers are free", since: "3.8", share: 0.01, applies: ({ ours }) => /^\d/.test(ours) },
];

const pair = (ours: string, theirs: string): Pair => ({ ours, theirs });

test("a rule explains only differences that disappear after it normalised both sides", () => {
  const known = new KnownDifferences<Pair>("pairs", RULES);
  expect(known.compare([pair("a", "A"), pair("a", "B"), pair("1", "2"), pair("-", "+")])).toEqual([
    pair("a", "B"),
    pair("-", "+"),
  ]);
  expect(known.explain(pair("1", "x"))).toBe(RULES[1]);
  expect(known.summary).toBe(
    "pairs: 1 comparisons; known differences:" +
      "\n  1 (at most 1) × case is free in names" +
      "\n  1 (at most 1, not confirmed by a binary of 3.8) × numbers are free",
  );
});

test("a rule that explains more than its share fails the suite, however long the run is", () => {
  for (const comparisons of [50, 1000, 20_000]) {
    const known = new KnownDifferences<Pair>("pairs", RULES);
    const most = Math.floor(highestCount(0.01, comparisons));
    for (let i = 0; i < comparisons; i++) known.compare(i < most ? [pair("1", "2"), pair("3", "4")] : []);
    expect(() => known.end()).not.toThrow();
    known.compare([pair("1", "2")]);
    known.compare([pair("1", "2")]);
    expect(() => known.end()).toThrow(
      /^pairs: the rule "numbers are free" explains \d+ of \d+, more than a share of 0.01$/,
    );
  }
});

test("a suite that compares too few answers with content fails", () => {
  const known = new KnownDifferences<Pair>("pairs", RULES, { "with samples": 0.5, "with histograms": 0.2 });
  for (let i = 0; i < 1000; i++) known.compare([], i < 500 ? ["with samples"] : []);
  expect(lowestCount(0.2, 1000)).toBe(144);
  expect(() => known.end()).toThrow("pairs: 0 of 1000 are with histograms, fewer than 144");
});

test.each([12, 150, 700])(
  "a suite of %d answers none of which has a content fails, however small its share is",
  (count) => {
    const known = new KnownDifferences<Pair>("pairs", RULES, { errors: 0.01 });
    for (let i = 0; i < count; i++) known.compare([]);
    expect(() => known.end()).toThrow(`pairs: 0 of ${count} are errors, fewer than 1`);
    known.compare([], ["errors"]);
    expect(() => known.end()).not.toThrow();
  },
);
