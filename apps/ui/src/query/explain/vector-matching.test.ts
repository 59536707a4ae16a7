import fc from "fast-check";
import { expect, test } from "vitest";
import type { VectorMatching } from "../../api/expression-tree.ts";
import type { InstantSeries } from "../../api/query-result.ts";
import { countMatches, matchGroups, remainingLabels } from "./vector-matching.ts";

const one = (metric: Record<string, string>, value = "1"): InstantSeries => ({ metric, value: [0, value] });

const oneToOne: VectorMatching = { card: "one-to-one", labels: ["job"], on: true, include: [] };

test("series are matched by the labels of on(), or by all except those of ignoring() and the name", () => {
  const left = [one({ __name__: "a", job: "x", instance: "1" })];
  const right = [one({ __name__: "b", job: "x", instance: "2" })];
  const sides = { left, right, result: [] };
  expect(matchGroups(oneToOne, sides)).toMatchObject([{ labels: { job: "x" }, left, right, state: "matched" }]);
  expect(matchGroups({ ...oneToOne, on: false, labels: ["instance"] }, sides)).toMatchObject([
    { labels: { job: "x" }, state: "matched" },
  ]);
  expect(matchGroups({ ...oneToOne, on: false, labels: [] }, sides).map(({ state }) => state)).toEqual([
    "only left",
    "only right",
  ]);
  expect(remainingLabels(left[0]!, matchGroups(oneToOne, sides)[0]!)).toEqual({ __name__: "a", instance: "1" });
});

test.each<[VectorMatching["card"], left: number, right: number, string]>([
  ["one-to-one", 1, 1, "matched"],
  ["one-to-one", 2, 1, "ambiguous"],
  ["one-to-one", 1, 2, "ambiguous"],
  ["one-to-one", 2, 0, "only left"],
  ["one-to-one", 0, 2, "ambiguous"],
  ["many-to-one", 2, 1, "matched"],
  ["many-to-one", 1, 2, "ambiguous"],
  ["one-to-many", 1, 2, "matched"],
  ["one-to-many", 2, 1, "ambiguous"],
  ["many-to-many", 2, 2, "matched"],
  ["many-to-many", 0, 2, "only right"],
])("%s with %i series on the left and %i on the right is %s", (card, left, right, state) => {
  const side = (count: number): InstantSeries[] =>
    Array.from({ length: count }, (_, index) => one({ job: "x", n: String(index) }));
  const groups = matchGroups({ ...oneToOne, card }, { left: side(left), right: side(right), result: [] });
  expect(groups.map((group) => group.state)).toEqual([state]);
  expect(countMatches(groups)).toBe(`1 ${state}`);
});

test("every series is in exactly one group, and failing groups come first", () => {
  const series = fc.array(
    fc
      .record({ __name__: fc.constant("m"), job: fc.constantFrom("a", "b", "c"), n: fc.constantFrom("1", "2") })
      .map((metric) => one(metric)),
    { maxLength: 6 },
  );
  const matching = fc.record({
    card: fc.constantFrom<VectorMatching["card"]>("one-to-one", "many-to-one", "one-to-many", "many-to-many"),
    labels: fc.subarray(["job", "n"]),
    on: fc.boolean(),
    include: fc.constant([]),
  });
  fc.assert(
    fc.property(matching, series, series, series, (how, left, right, result) => {
      const groups = matchGroups(how, { left, right, result });
      for (const [side, members] of Object.entries({ left, right, result })) {
        const found = groups.flatMap((group) => group[side as "left" | "right" | "result"]);
        expect(new Set(found)).toEqual(new Set(members));
        expect(found.length).toBe(members.length);
      }
      const states = groups.map((group) => group.state);
      expect(states.lastIndexOf("ambiguous")).toBe(states.filter((state) => state === "ambiguous").length - 1);
    }),
  );
});
