import { EMPTY_HISTOGRAM, wordsOf, writeStale } from "@narthex/model";
import { expect, test } from "vitest";
import {
  evaluate,
  type FloatHistogram,
  parse,
  plan,
  print,
  type Queryable,
  QueryError,
  type SeriesData,
} from "./library.ts";

const of = (...series: readonly SeriesData[]): Queryable => ({ select: () => series });

const up = (job: string, times: readonly number[], values: ArrayLike<number>): SeriesData => ({
  labels: { __name__: "up", job },
  times,
  values,
});

/** Evaluates a query. Returns the samples of each series, by the value of its label `job`. */
async function samplesOf(...args: Parameters<typeof evaluate>): Promise<Record<string, number[][]>> {
  const { series } = await evaluate(...args);
  const rows = series.map(
    ({ labels, times, values }) => [labels["job"] ?? "", [[...times], [...values]]] as [string, number[][]],
  );
  return Object.fromEntries(rows);
}

test("series and samples that a source returns without request are ignored", async () => {
  const source = of(up("b", [0, 60_000], [2, 9]), up("a", [0, 60_000], [1, 9]), up("c", [0], [3]));
  expect(await samplesOf(source, 'up{job!="c"}', { time: 30_000 })).toEqual({ a: [[30_000], [1]], b: [[30_000], [2]] });
});

test("a source gets matchers that it can test, and the range of time that the query needs", async () => {
  const seen: unknown[] = [];
  const source: Queryable = {
    async select(matchers, { start, end }) {
      seen.push(
        matchers.map(({ name, type, value }) => [name, type, value]),
        matchers[0]!.matches("ab"),
        start,
        end,
      );
      return [up("ab", [0], [1])];
    },
  };
  await evaluate(source, 'rate(up{job=~"a."}[1m])', { start: 120_000, end: 240_000, step: 60_000 });
  const matchers = [
    ["job", "=~", "a."],
    ["__name__", "=", "up"],
  ];
  expect(seen).toEqual([matchers, true, 60_001, 240_000]);
});

test("a stale marker in a Float64Array ends a series", async () => {
  const values = Float64Array.of(1, 0);
  writeStale(wordsOf(values), 1);
  const when = { start: 0, end: 60_000, step: 30_000 };
  expect(await samplesOf(of(up("a", [0, 30_000], values)), "up", when)).toEqual({ a: [[0], [1]] });
  expect(await samplesOf(of(up("a", [0, 30_000], [1, Number.NaN])), "up", when)).toMatchObject({
    a: [[0, 30_000, 60_000], {}],
  });
});

test("native histograms go in and out", async () => {
  const histogram: FloatHistogram = { ...EMPTY_HISTOGRAM, zeroCount: 3, count: 3, sum: 1 };
  const source = of({
    labels: { __name__: "h" },
    times: [0, 1000],
    values: [5, 0],
    histograms: [undefined, histogram],
  });
  const { series } = await evaluate(source, "sum(h)", { start: 0, end: 1000, step: 1000 });
  expect(series).toMatchObject([{ times: Float64Array.of(0, 1000), histograms: [undefined, { count: 3, sum: 1 }] }]);
  const { series: counts } = await evaluate(source, "histogram_count(h)", { time: 1000 });
  expect(counts).toMatchObject([{ values: Float64Array.of(3) }]);
  expect(counts[0]).not.toHaveProperty("histograms");
});

test("scalars and strings are results without labels", async () => {
  expect(await evaluate(of(), "1 + 1", { time: 5 })).toMatchObject({
    type: "scalar",
    series: [{ labels: {}, times: Float64Array.of(5), values: Float64Array.of(2) }],
  });
  expect(await evaluate(of(), '"a"', { time: 5 })).toMatchObject({ type: "string", series: [], text: "a" });
});

const failing: Queryable = { select: () => Promise.reject(new Error("no disk")) };

test.each<[string, Queryable, string]>([
  ["columns differ", of(up("a", [0, 1], [1])), 'series {__name__="up", job="a"}: 2 times need as many values, not 1'],
  [
    "times descend",
    of(up("a", [5, 4], [1, 1])),
    'series {__name__="up", job="a"}: times must ascend, but slot 1 is 4 after 5',
  ],
  [
    "a time is repeated",
    of(up("a", [5, 5], [1, 1])),
    'series {__name__="up", job="a"}: times must ascend, but slot 1 is 5 after 5',
  ],
  ["a time is NaN", of(up("a", [Number.NaN], [1])), "times must ascend, but slot 0 is NaN"],
  ["too many histograms", of({ ...up("a", [], []), histograms: [undefined] }), "0 times cannot have 1 histograms"],
  ["series are equal", of(up("a", [0], [1]), up("a", [0], [1])), 'two series have the labels {__name__="up", job="a"}'],
  ["the source fails", failing, "no disk"],
])("a query ends with an error of the storage if %s", async (_, source, message) => {
  const error = await evaluate(source, "up", { time: 0 }).catch((cause: unknown) => cause);
  expect(error).toBeInstanceOf(QueryError);
  expect(error).toMatchObject({ kind: "storage", message: expect.stringContaining(message) });
});

test.each([
  [{ time: Number.NaN }, "the time of a query must be finite, not NaN"],
  [{ start: 0, end: Infinity, step: 1 }, "the time of a query must be finite, not 0, Infinity, 1"],
  [{ start: 0, end: 1, step: 0 }, "a range needs start <= end and a positive step, not 0, 1, 0"],
  [{ start: 2, end: 1, step: 1 }, "a range needs start <= end and a positive step, not 2, 1, 1"],
])("the time %j is refused", async (when, message) => {
  await expect(evaluate(of(), "up", when)).rejects.toThrow(new RangeError(message));
  await expect(plan("up", when)).rejects.toThrow(new RangeError(message));
});

test("options set limits and the language", async () => {
  const source = of(up("a", [0], [1]), up("b", [0], [1]));
  expect(await samplesOf(source, "up", { time: 60_000 }, { lookbackMs: 30_000 })).toEqual({});
  const refused = (query: string, options: Parameters<typeof evaluate>[3]): Promise<unknown> =>
    evaluate(source, query, { time: 0 }, options).catch((error: unknown) => (error as QueryError).kind);
  expect(await refused("up", { maxSamples: 1 })).toBe("too-many-samples");
  expect(await refused("up", { timeoutMs: 0 })).toBe("timeout");
  expect(await refused("up", { signal: AbortSignal.abort() })).toBe("canceled");
  expect(await refused("limitk(1, up)", {})).toBe("bad-query");
  expect(await refused("limitk(1, up)", { experimental: true })).toMatchObject({ type: "vector" });
});

test("an expression is parsed, printed and evaluated; an error has its place", async () => {
  const expr = parse("sum(up)by(job)");
  expect(print(expr)).toBe("sum by (job) (up)");
  expect(await samplesOf(of(up("a", [0], [1])), expr, { time: 0 })).toEqual({ a: [[0], [1]] });
  const long = print(parse(`sum(up{job="${"x".repeat(100)}"})`), "pretty");
  expect(long.split("\n")).toHaveLength(3);
  const failure = (() => {
    try {
      return parse("up{");
    } catch (error) {
      return error;
    }
  })();
  expect(failure).toMatchObject({ kind: "bad-query", cause: { start: 3 } });
});

test("a plan names the selections of a query, and reads nothing", async () => {
  expect(await plan("sum(up)", { start: 0, end: 600_000, step: 60_000 })).toMatchObject({
    operator: "aggregation sum",
    steps: 11,
    inputs: [{ operator: "selector", selections: [{ matchers: ['__name__="up"'], end: 600 }] }],
  });
});
