import fc from "fast-check";
import { expect, test } from "vitest";
import type { Frame } from "../frame/frame.ts";
import { metricFamilies } from "../generate/metric-family.ts";
import { changeQueries } from "./change-queries.ts";
import { groupCourse } from "./group-course.ts";
import { rankChanges } from "./rank-changes.ts";
import { compareSeries, coursesOf, levelOf, type SeriesChange, type SeriesLevel } from "./series-change.ts";

const level = (mean: number, variance = 0): SeriesLevel => ({ mean, variance, count: 40 });
const change = (labels: Record<string, string>, before?: number, after?: number, variance = 0): SeriesChange => ({
  labels,
  before: before === undefined ? undefined : level(before, variance),
  after: after === undefined ? undefined : level(after, variance),
});

test("increased errors of one instance rank before the instance itself, and label values without a change are not listed", () => {
  const series = ["a", "b", "c"].flatMap((instance) => [
    change({ job: "api", instance, status: "200" }, 20, 20),
    change({ job: "api", instance, status: "500" }, 0.5, instance === "b" ? 12.5 : 0.5),
  ]);
  const { total, groups, left } = rankChanges(series, "sum");
  expect(groups.map(({ labels }) => labels.flat().join("="))).toEqual(["status=500", "instance=b"]);
  expect(groups[0]).toMatchObject({ before: 1.5, after: 13.5, explained: 1 });
  expect([total.before, total.after, left]).toEqual([61.5, 73.5, 0]);
});

test("series that appeared or disappeared are listed, and labels that select the same series form one group", () => {
  const series = [
    change({ queue: "old", pod: "p1" }, 4, undefined),
    change({ queue: "new", pod: "p2" }, undefined, 9),
    change({ queue: "kept", pod: "p3" }, 5, 5),
  ];
  const [came, went] = rankChanges(series, "sum").groups;
  expect([came!.labels, came!.before, came!.after]).toEqual([
    [
      ["queue", "new"],
      ["pod", "p2"],
    ],
    undefined,
    9,
  ]);
  expect([went!.labels, went!.before, went!.after]).toEqual([
    [
      ["queue", "old"],
      ["pod", "p1"],
    ],
    4,
    undefined,
  ]);
});

test("a difference within the usual variation of the values is not reported as a change", () => {
  const noisy = rankChanges([change({ a: "x" }, 10, 11, 100), change({ a: "y" }, 10, 10, 100)], "sum");
  expect([noisy.groups, noisy.total.score]).toEqual([[], 0]);
  const steady = rankChanges([change({ a: "x" }, 10, 11, 0.1), change({ a: "y" }, 10, 10, 0.1)], "sum");
  expect(steady.groups.map(({ labels }) => labels)).toEqual([[["a", "x"]]]);
});

test("the group of several temperatures has their mean, not their sum", () => {
  const series = [change({ room: "a" }, 10, 16), change({ room: "b" }, 12, 12)];
  const { total, groups } = rankChanges(series, "mean");
  expect([total.before, total.after, groups[0]!.after]).toEqual([11, 14, 16]);
});

const labelsArbitrary = fc.record({ zone: fc.constantFrom("1", "2", "3"), host: fc.constantFrom("a", "b", "c", "d") });
const seriesArbitrary = fc.uniqueArray(
  fc.record({
    labels: labelsArbitrary,
    before: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
    after: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
  }),
  { selector: ({ labels }) => JSON.stringify(labels), maxLength: 12 },
);
const changesOf = (
  drawn: readonly { labels: Record<string, string>; before?: number | undefined; after?: number | undefined }[],
) => drawn.map(({ labels, before, after }) => change(labels, before, after));
const named = ({ groups }: ReturnType<typeof rankChanges>) => groups.map(({ labels }) => JSON.stringify(labels));

test("shares are between 0 and 1, groups are sorted by score, and each group contains exactly the series with its labels", () => {
  fc.assert(
    fc.property(seriesArbitrary, fc.constantFrom("sum" as const, "mean" as const), (drawn, how) => {
      const series = changesOf(drawn);
      const { total, groups } = rankChanges(series, how);
      groups.reduce((last, { score }) => {
        expect(score).toBeLessThanOrEqual(last);
        return score;
      }, 1);
      for (const { explained, score, members, labels } of [total, ...groups]) {
        expect(Math.min(explained, score)).toBeGreaterThanOrEqual(0);
        expect(Math.max(explained, score)).toBeLessThanOrEqual(1);
        for (const [name, value] of labels)
          expect(members).toEqual(series.flatMap((one, at) => (one.labels[name] === value ? [at] : [])));
      }
    }),
  );
});

test("the result depends neither on the unit of the values nor on the order of the two ranges", () => {
  fc.assert(
    fc.property(seriesArbitrary, (drawn) => {
      const series = changesOf(drawn);
      const ranked = named(rankChanges(series, "sum"));
      const scaled = series.map((one) =>
        change(one.labels, one.before && one.before.mean * 4, one.after && one.after.mean * 4),
      );
      expect(named(rankChanges(scaled, "sum"))).toEqual(ranked);
      const turned = series.map((one) => change(one.labels, one.after?.mean, one.before?.mean));
      expect(named(rankChanges(turned, "sum"))).toEqual(ranked);
    }),
  );
});

test("a large change of one label value ranks first although other series vary a little", () => {
  const planted = fc.record({
    hosts: fc.integer({ min: 2, max: 6 }),
    host: fc.nat(),
    base: fc.double({ min: 1, max: 1e6, noNaN: true }),
    factor: fc.double({ min: 3, max: 50, noNaN: true }),
    wobble: fc.array(fc.double({ min: -0.005, max: 0.005, noNaN: true }), { minLength: 18, maxLength: 18 }),
  });
  fc.assert(
    fc.property(planted, ({ hosts, host, base, factor, wobble }) => {
      const changed = `h${host % hosts}`;
      const series = Array.from({ length: hosts }, (_, h) => `h${h}`).flatMap((name, h) =>
        ["x", "y", "z"].map((path, p) =>
          change({ host: name, path }, base, base * (1 + wobble[h * 3 + p]!) * (name === changed ? factor : 1)),
        ),
      );
      expect(rankChanges(series, "sum").groups[0]!.labels).toEqual([["host", changed]]);
    }),
  );
});

test("a level is the mean of the values that are present", () => {
  const field = {
    name: "v",
    type: "number" as const,
    config: {},
    values: Float64Array.of(1, NaN, 3, 100, Infinity),
    nulls: Uint8Array.of(0, 0, 0, 1, 0),
  };
  expect(levelOf(field)).toEqual({ mean: 2, variance: 1, count: 2 });
  expect(levelOf({ ...field, values: new Float64Array(0) })).toBeUndefined();
});

const frame = (labels: Record<string, string>, from: number, values: readonly number[]): Frame => ({
  length: values.length,
  fields: [
    { name: "Time", type: "time", config: {}, values: Float64Array.from(values, (_, at) => from + at) },
    { name: "Value", type: "number", labels, config: {}, values: Float64Array.from(values) },
  ],
});

test("series of two ranges are paired by their labels, and each group has combined values over both ranges", () => {
  const series = compareSeries(
    coursesOf([frame({ __name__: "x", a: "1", b: "2" }, 0, [1, 2]), frame({ a: "2" }, 0, [10, 20])]),
    coursesOf([frame({ b: "2", a: "1", __name__: "y" }, 100, [3, 4]), frame({ a: "3" }, 100, [NaN])]),
  );
  expect(series.map(({ labels, before, after }) => [labels["a"], before?.mean, after?.mean])).toEqual([
    ["1", 1.5, 3.5],
    ["2", 15, undefined],
  ]);
  expect(groupCourse(series, [0, 1], "before", "sum")).toEqual({ times: [0, 1], values: [11, 22] });
  expect(groupCourse(series, [0, 1], "before", "mean").values).toEqual([5.5, 11]);
  expect(groupCourse(series, [0, 1], "after", "sum")).toEqual({ times: [100, 101], values: [3, 4] });
});

test("counters are queried as rates, histograms as observations and percentiles, and info metrics not at all", () => {
  const names = ["a_total", "b", "c_bucket", "c_count", "c_sum", "d_info", "e"];
  const families = metricFamilies(
    names.map((name) => ({ name, labels: name === "c_bucket" ? ["le"] : [], count: 1 })),
    new Map([["e", { type: "counter", help: "", unit: "" }]]),
  );
  const asked = families.flatMap((family) => changeQueries(family, ['job="x"']));
  expect(asked.map(({ exprWith }) => exprWith(['k="v"']))).toEqual([
    'rate(a_total{job="x",k="v"}[$__rate_interval])',
    'b{job="x",k="v"}',
    'rate(c_count{job="x",k="v"}[$__rate_interval])',
    'histogram_quantile(0.95, rate(c_bucket{job="x",k="v"}[$__rate_interval]))',
    'rate(e{job="x",k="v"}[$__rate_interval])',
  ]);
  expect(asked[1]!.exprWith([])).toBe('b{job="x"}');
  expect(changeQueries(families[1]!, [])[0]!.exprWith([])).toBe("b");
});
