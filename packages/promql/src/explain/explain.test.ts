import type { Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { EMPTY_HISTOGRAM, Labels } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine, type EngineRequest, type QueryTime } from "../engine.ts";
import { inMemory } from "../testing/in-memory.ts";
import type { SeriesData } from "@narthex/storage";
import type { QueryResult } from "../query-result.ts";
import { parseExpression } from "../syntax/parse.ts";
import { ExpressionText } from "./expression-text.ts";
import { type PlanPart, planPartOf } from "./plan-part.ts";
import { PartProfile } from "./query-profile.ts";

const MINUTE = 60_000;
const SAMPLES = 60;

const series = (labels: Record<string, string>, of: (i: number) => number, first = 0): SeriesData => ({
  labels,
  times: Array.from({ length: SAMPLES - first }, (_, i) => (first + i) * MINUTE),
  values: Array.from({ length: SAMPLES - first }, (_, i) => of(first + i)),
});

const STORED = inMemory([
  series({ __name__: "requests_total", job: "api", code: "200", instance: "a:1" }, (i) => 10 * i),
  series({ __name__: "requests_total", job: "api", code: "404", instance: "b:1" }, (i) => i),
  series({ __name__: "requests_total", job: "web", code: "200", instance: "c:1" }, (i) => 5 * i, 20),
  series({ __name__: "limit", job: "api", zone: "x" }, () => 400),
  series({ __name__: "limit", job: "web", zone: "x" }, () => 300),
  series({ __name__: "size_bucket", job: "api", le: "1" }, (i) => i),
  series({ __name__: "size_bucket", job: "api", le: "+Inf" }, (i) => 2 * i),
  series({ __name__: "temperature", room: "a" }, (i) => 20 + (i % 7)),
  { labels: { __name__: "gone", job: "api" }, times: [0, MINUTE, 2 * MINUTE], values: [1, 2, 3] },
]);

let time = 0;
/** A clock that advances by a millisecond at each read. */
const clock = { now: () => 0, monotonic: () => ++time, sleep: () => Promise.resolve(), after: () => () => {} };
const engine = createEngine({ clock, features: { experimentalFunctions: true } });

const selector = fc.constantFrom(
  "requests_total",
  'requests_total{code="200"}',
  'requests_total{job=~"api|web"}',
  "limit",
  "temperature",
  "gone",
  "nothing",
  "limit @ 600",
  "temperature offset 5m",
);

const { vector } = fc.letrec<{ vector: string }>((tie) => {
  const one = tie("vector");
  return {
    vector: fc.oneof(
      { maxDepth: 4 },
      selector,
      fc
        .tuple(fc.constantFrom("rate", "increase", "max_over_time", "changes"), selector)
        .map(([func, of]) => (of.includes(" ") ? `${func}((${of})[10m:1m])` : `${func}(${of}[10m])`)),
      fc
        .tuple(fc.constantFrom("sum", "avg", "count", "topk"), one)
        .map(([op, of]) => (op === "topk" ? `topk(2, ${of})` : `${op} by (job) (${of})`)),
      fc
        .tuple(fc.constantFrom("+", ">", "and", "or", "unless"), one, one)
        .map(([op, a, b]) => `(${a} ${op} on(job, instance) ${b})`),
      fc.tuple(one, fc.constantFrom("* 2", "> 100", "> bool 5", "+ scalar(limit)")).map(([of, by]) => `(${of} ${by})`),
      fc.tuple(fc.constantFrom("abs", "absent", "sort", "timestamp"), one).map(([func, of]) => `${func}(${of})`),
      one.map((of) => `max_over_time((${of})[15m:5m])`),
      one.map((of) => `-(${of})`),
      // Queries that contain the same part twice, which is evaluated once.
      one.map((of) => `(sum(${of}) or (sum(${of}) + 1))`),
    ),
  };
});

const when: fc.Arbitrary<QueryTime> = fc.oneof(
  fc.integer({ min: 0, max: SAMPLES }).map((minute) => ({ time: minute * MINUTE })),
  fc
    .tuple(fc.integer({ min: 0, max: SAMPLES }), fc.integer({ min: 0, max: 20 }))
    .map(([from, minutes]) => ({ start: from * MINUTE, end: (from + minutes) * MINUTE, step: MINUTE })),
);

const partsOf = (part: PlanPart): readonly PlanPart[] => [part, ...part.inputs.flatMap(partsOf)];

const saidBy = ({ type, series: found, text, warnings, infos }: QueryResult): unknown => ({
  type,
  text,
  warnings,
  infos,
  series: found.map(({ labels, times, column }) => ({
    labels: String(labels),
    times: [...times],
    present: [...column.present],
    values: Array.from(column.values, (value, i) => (column.present[i] === 0 ? undefined : value)),
  })),
});

const tried = <T>(work: Promise<T>): Promise<T | string> => work.catch(String);

test("an explained query has its usual result, and the figures of its parts add up to its statistics", async () => {
  await fc.assert(
    fc.asyncProperty(vector, when, async (text, at) => {
      const request: EngineRequest = { ...at, text, queryable: STORED };
      const plain = await tried(engine.query(request));
      const counted = await tried(engine.query({ ...request, samplesOf: "query" }));
      const explained = await tried(engine.explain(request, true));
      if (typeof plain === "string" || typeof explained === "string" || typeof counted === "string") {
        expect(explained).toEqual(plain);
        return;
      }
      const { plan, result, reason } = explained;
      expect(saidBy(result!)).toEqual(saidBy(plain));
      const parts = partsOf(plan);
      const sum = (of: (measured: NonNullable<PlanPart["measured"]>) => number): number =>
        parts.reduce((before, { measured }) => before + of(measured!), 0);
      expect(sum(({ samplesRead }) => samplesRead)).toBe(counted.stats.samples.samplesRead);
      expect(sum(({ selfTime }) => selfTime)).toBeCloseTo(plan.measured!.totalTime, 6);
      expect(plan.measured!.totalTime).toBeLessThanOrEqual(result!.stats.timings.evalTotalTime);
      expect(plan.measured!.series > 0).toBe(plain.series.length > 0);
      expect(reason === undefined).toBe(plain.series.length > 0);
      if (reason !== undefined) expect(reason.text).toMatch(/^[A-Za-z0-9].*\.$/s);
      const { plan: planned } = await engine.explain(request, false);
      expect(partsOf(planned).map(({ expression }) => expression)).toEqual(parts.map(({ expression }) => expression));
    }),
    { numRuns: 400 },
  );
});

test.each([
  [
    "requests_totl",
    'No metric is called "requests_totl": the most similar of the names of metrics is "requests_total".',
  ],
  [
    'requests_total{job="api",code="500"}',
    'No series matches requests_total{job="api",code="500"}: code="500" removes the last series; without code="500" 2 series match, values of code are "200", "404".',
  ],
  [
    'sum(rate(requests_total{code="20"}[5m]))',
    'No series matches requests_total{code="20"}[5m]: code="20" removes the last series; without code="20" 3 series match, values of code are "200", "404".',
  ],
  [
    'requests_total{job="web",code="404"}',
    'No series matches requests_total{job="web",code="404"}: each of these removes the last series; without job="web" 1 series matches, values of job are "api"; without code="404" 1 series matches, values of code are "200".',
  ],
  [
    "gone",
    "1 series matches gone, but there is no sample in the lookback of 5m before 1970-01-01T00:50:00.000Z: the newest sample is from 1970-01-01T00:02:00.000Z, 48m earlier.",
  ],
  [
    "max_over_time(gone[10m])",
    "1 series matches gone[10m], but there is no sample in the range of 10m before 1970-01-01T00:50:00.000Z: the newest sample is from 1970-01-01T00:02:00.000Z, 48m earlier.",
  ],
  [
    'requests_total{job="web"} offset 45m',
    '1 series matches requests_total{job="web"} offset 45m, but there is no sample in the lookback of 5m before 1970-01-01T00:05:00.000Z: the first sample is from 1970-01-01T00:20:00.000Z.',
  ],
  [
    "rate(requests_total[1m])",
    "rate() needs two samples in a window, and none of the 3 series has more than one within 1m: they are 1m apart.",
  ],
  ["temperature > 100", "The comparison temperature > 100 removed all of the 1 series: the value is 21."],
  ["temperature * NaN > 1", "The comparison temperature * NaN > 1 removed all of the 1 series: there are no numbers."],
  [
    "requests_total > 1e6",
    "The comparison requests_total > 1e6 removed all of the 3 series: values are between 50 and 500.",
  ],
  [
    "requests_total / limit",
    "No series on the left of / has the same labels as a series on the right: code is only on the left side, instance is only on the left side, zone is only on the right side. on(job) group_left() would match some series.",
  ],
  [
    "limit / requests_total",
    "No series on the left of / has the same labels as a series on the right: code is only on the right side, instance is only on the right side, zone is only on the left side. on(job) group_right() would match some series.",
  ],
  [
    "limit * on(job, zone) sum by (job) (requests_total)",
    "No series on the left of * has the same labels as a series on the right: zone is only on the left side. ignoring(zone) would match some series.",
  ],
  [
    "sum by (job) (requests_total) > sum by (job) (requests_total * 2)",
    "The comparison sum by (job) (requests_total) > sum by (job) (requests_total * 2) removed all of the 2 series: values are between 250 and 550 on the left, values are between 500 and 1100 on the right.",
  ],
  [
    "sum by (job, code) (requests_total) / sum by (job) (limit)",
    "No series on the left of / has the same labels as a series on the right: code is only on the left side. ignoring(code) group_left() would match some series.",
  ],
  [
    "limit and on(zone) requests_total",
    "No series on the left of and has the same labels as a series on the right: zone is only on the left side. on(job) would match some series.",
  ],
  ["limit unless limit", "unless removed all 2 series: each has a matching series on the right."],
  [
    "limit > on(job) group_right() requests_total{job='nobody'}",
    `No series matches requests_total{job='nobody'}: job="nobody" removes the last series; without job="nobody" 3 series match, values of job are "api", "web".`,
  ],
  ["absent(limit)", "absent() has a result only if its argument has no samples. The argument has 2 series."],
  [
    "histogram_quantile(0.9, temperature)",
    "histogram_quantile() needs native histograms or series with the label le, but its argument has neither: it has 1 series (such as temperature).",
  ],
  ["topk(0, limit)", "topk selected none of the 2 series."],
  [
    "sum(nothing) + sum(nothing)",
    'No metric is called "nothing": names of metrics are "gone", "limit", "requests_total", "size_bucket", "temperature".',
  ],
  [
    'requests_total{job="nobody",code="999"}',
    'No series matches requests_total{job="nobody",code="999"}: job="nobody" removes the last series of those that match __name__="requests_total"; values of job are "api", "web".',
  ],
  [
    'requests_total{room="a"}',
    'No series matches requests_total{room="a"}: each of these removes the last series; without room="a" 3 series match, there are no values of room; without __name__="requests_total" 1 series matches, names of metrics are "temperature".',
  ],
  [
    'requests_total{code!="200",code!="404",job="api"}',
    'No series matches requests_total{code!="200",code!="404",job="api"}: each of these removes the last series; without code!="200" 1 series matches, values of code are "200"; without code!="404" 1 series matches, values of code are "404"; without __name__="requests_total" 4 series match, names of metrics are "gone", "limit", "size_bucket".',
  ],
  [
    'requests_totl{job="api",code="999"}',
    'No metric is called "requests_totl": the most similar of the names of metrics is "requests_total".',
  ],
  [
    'requests_total{jb="api"}',
    'No series matches requests_total{jb="api"}: jb="api" removes the last series; without jb="api" 3 series match, there are no values of jb, and the most similar label is job.',
  ],
  ['{job="apo"}', 'No series matches {job="apo"}: job="apo" removes the last series; values of job are "api", "web".'],
  [
    "requests_total * on(code) temperature",
    "No series on the left of * has the same labels as a series on the right: code is only on the left side.",
  ],
  [
    'limit{job="api"} * limit{job="web"}',
    'No series on the left of * has the same labels as a series on the right: job has different values ("api" on the left, "web" on the right). ignoring(job) would match some series.',
  ],
  [
    'requests_total{job="api"} * on(instance) requests_total{job="web"}',
    'No series on the left of * has the same labels as a series on the right: instance has different values ("a:1" on the left, "c:1" on the right). on(code) would match some series.',
  ],
  [
    "timestamp(gone)",
    "1 series matches timestamp(gone), but there is no sample in the lookback of 5m before 1970-01-01T00:50:00.000Z: the newest sample is from 1970-01-01T00:02:00.000Z, 48m earlier.",
  ],
  [
    "rate(limit[30s:30s] offset 3h)",
    "2 series match limit, but there is no sample in the lookback of 5m before 1969-12-31T21:50:00.000Z: the first sample is from 1970-01-01T00:00:00.000Z.",
  ],
  [
    "max_over_time((limit > 1000)[5m:1m])",
    "The comparison limit > 1000 removed all of the 2 series: values are between 300 and 400.",
  ],
  [
    "histogram_quantile(0.5, sum(limit))",
    "histogram_quantile() needs native histograms or series with the label le, but its argument has neither: it has 1 series.",
  ],
  ["limit > bool 5 < 0", "The comparison limit > bool 5 < 0 removed all of the 2 series: the value is 1."],
  ["1 > limit", "The comparison 1 > limit removed all of the 2 series: values are between 300 and 400."],
  [
    "limit and nothing",
    'No metric is called "nothing": names of metrics are "gone", "limit", "requests_total", "size_bucket", "temperature".',
  ],
  ["limit unless on() temperature", "unless removed all 2 series: each has a matching series on the right."],
  [
    "limit @ 999999",
    "2 series match limit @ 999999, but there is no sample in the lookback of 5m before 1970-01-12T13:46:39.000Z: the newest sample is from 1970-01-01T00:59:00.000Z, 11d12h47m39s earlier.",
  ],
  [
    "absent_over_time(limit[5m])",
    "absent_over_time() has a result only if its argument has no samples. The argument has 2 series.",
  ],
  ["limit </ 2", "</ cannot be applied to any of the 2 series."],
  [
    "scalar(limit) * nothing",
    'No metric is called "nothing": names of metrics are "gone", "limit", "requests_total", "size_bucket", "temperature".',
  ],
])("the reason why %s is empty", async (text, reason) => {
  const { reason: found } = await engine.explain({ text, time: 50 * MINUTE, queryable: STORED }, true);
  expect(found?.text).toBe(reason);
});

test.each([
  ["sum(rate(requests_totl[5m])) > 0", "requests_total", "sum(rate(requests_total[5m])) > 0"],
  ['requests_totl{job="api"} offset 5m # ü', "requests_total", 'requests_total{job="api"} offset 5m # ü'],
  ['sum(requests_total{ jb = "api" })', "job", 'sum(requests_total{job="api"})'],
  ['requests_total{job="apo"}', "api", 'requests_total{job="api"}'],
  ['{job="apo"}', "api", '{job="api"}'],
  // The similar value is no valid pattern, and is therefore escaped.
  ['size_bucket{le=~"Inf"}', String.raw`\+Inf`, String.raw`size_bucket{le=~"\\+Inf"}`],
  ["nothing_like_it", undefined, undefined],
  ['requests_total{job="web",code="404"}', undefined, undefined],
])("for %s, the word %s is suggested", async (text, use, query) => {
  const { reason } = await engine.explain({ text, time: 50 * MINUTE, queryable: STORED }, true);
  expect([reason?.suggestion?.use, reason?.suggestion?.query]).toEqual([use, query]);
});

test("the plan reports which parts are evaluated once, which are shared, and what is selected", async () => {
  const text = "sum(rate(requests_total[10m])) / sum(rate(requests_total[10m])) + scalar(limit{job='api'} @ 600)";
  const range = { start: 20 * MINUTE, end: 30 * MINUTE, step: MINUTE };
  const { plan, result, reason } = await engine.explain({ ...range, text, queryable: STORED }, true);
  expect(reason).toBeUndefined();
  expect(result!.series).toHaveLength(1);
  const shared = "occurs several times in the query: evaluated once";
  const together = "one selection for 2 selectors with the same matchers";
  const parts = partsOf(plan).map(({ operator, steps, measured, notes }) => [operator, steps, measured!.series, notes]);
  expect(parts).toEqual([
    ["binary +", 11, 1, []],
    ["binary /", 11, 1, []],
    ["aggregation sum", 11, 1, [shared]],
    ["function rate", 11, 3, []],
    ["range selector", 11, 3, [together]],
    ["aggregation sum", 11, 1, [shared]],
    ["function rate", 11, 0, []],
    ["range selector", 11, 0, [together]],
    ["function scalar", 1, 0, ["the same at all 11 steps: evaluated once"]],
    ["selector", 1, 1, ["hint for the storage: scalar()", "only the newest sample of each series is read"]],
  ]);
});

/**
 * Returns a storage whose selection takes 5 ms of computing, 7 ms of other work of the thread, and 11 ms of waiting for
 * a server.
 */
function waitingStorage(turn: (ms: number) => void): Queryable {
  return {
    querier(minTime, maxTime) {
      const querier = STORED.querier(minTime, maxTime);
      let bytesRead = 0;
      return {
        ...querier,
        get bytesRead() {
          return bytesRead;
        },
        async select(matchers, hints) {
          turn(1);
          for (const [reason, ms] of [
            ["turn", 7],
            ["server", 11],
          ] as const) {
            const end = hints.waits!.begin(reason);
            turn(ms);
            await Promise.resolve();
            end();
            turn(2);
          }
          const set = await querier.select(matchers, hints);
          return {
            ...set,
            read(...asked) {
              bytesRead += 100;
              set.read(...asked);
            },
          };
        },
      };
    },
  };
}

test("a part reports its work, its waits for servers, the turns of other jobs, and bytes separately", async () => {
  let now = 0;
  const own = createEngine({ clock: { ...clock, monotonic: () => now } });
  const queryable = waitingStorage((ms) => (now += ms));
  const { plan } = await own.explain({ text: "sum(rate(requests_total[10m]))", time: 50 * MINUTE, queryable }, true);
  const measurements = partsOf(plan).map(({ measured }) => measured!);
  const none = { bytesRead: 0, workTime: 0, serverWaitTime: 0, otherJobsTime: 0, selfTime: 0, totalTime: 0.016 };
  expect(measurements).toMatchObject([
    none,
    none,
    { bytesRead: 300, workTime: 0.005, serverWaitTime: 0.011, otherJobsTime: 0.007, selfTime: 0.016, totalTime: 0.016 },
  ]);
});

test("turns of other jobs are reported for the part that yielded to them", async () => {
  let now = 0;
  const own = createEngine({
    // Advances by a whole time slice at each read of the clock, so that the evaluation yields at each opportunity.
    clock: { ...clock, monotonic: () => (now += 10) },
    async yieldTurn() {
      await Promise.resolve();
      now += 1000;
    },
  });
  const { plan, result } = await own.explain(
    { text: "sum(temperature * 2)", time: 50 * MINUTE, queryable: STORED },
    true,
  );
  const others = partsOf(plan).reduce((sum, { measured }) => sum + measured!.otherJobsTime, 0);
  expect(others).toBeGreaterThanOrEqual(1);
  expect(plan.measured!.totalTime + others).toBeLessThanOrEqual(result!.stats.timings.evalTotalTime);
});

test("planning a query without running it selects nothing from the storage", async () => {
  const queryable = {
    querier: () => {
      throw new Error("asked");
    },
  };
  const { plan, result, reason } = await engine.explain({ text: "sum(rate(a[5m]))", time: 1000, queryable }, false);
  expect([result, reason]).toEqual([undefined, undefined]);
  expect(partsOf(plan).map(({ operator }) => operator)).toEqual(["aggregation sum", "function rate", "range selector"]);
  expect(partsOf(plan)[2]!.selections).toEqual([{ matchers: ['__name__="a"'], start: -298.999, end: 1 }]);
});

test("a string has no plan, and a query that cannot be parsed is rejected", async () => {
  const { plan, reason } = await engine.explain({ text: '"a"', time: 0, queryable: STORED }, true);
  expect([plan.operator, reason]).toEqual(["string", undefined]);
  await expect(engine.explain({ text: "sum(", time: 0, queryable: STORED }, true)).rejects.toThrow("parse error");
});

test("a query without a step, and a query of series that have ended, have their own reasons", async () => {
  const reasonOf = async (text: string, when: QueryTime, queryable: Queryable): Promise<string | undefined> =>
    (await engine.explain({ ...when, text, queryable }, true)).reason?.text;
  expect(await reasonOf("limit", { start: 10, end: 5, step: 1 }, STORED)).toBe(
    "The query has no step: its start is after its end.",
  );
  const labels = { __name__: "m" };
  const sparse = inMemory([{ labels, times: [MINUTE], values: [1] }]);
  expect(await reasonOf("m", { start: 0, end: 40 * MINUTE, step: 20 * MINUTE }, sparse)).toBe(
    "1 series matches m, but there is no sample in the lookback of 5m before 1970-01-01T00:40:00.000Z or before any other step. There are samples between these times: the series were marked stale or have gaps.",
  );
  const never = inMemory([
    { labels: { __name__: "m" }, times: [0], values: [1] },
    { labels: { __name__: "n" }, times: [30 * MINUTE], values: [1] },
  ]);
  expect(await reasonOf("m + n", { start: 0, end: 30 * MINUTE, step: 30 * MINUTE }, never)).toBe(
    "Series on both sides of + match, but never have samples at the same step.",
  );
});

test("a reason that is based on a part of the series says so", async () => {
  const many = (name: string, label: string): SeriesData[] =>
    Array.from({ length: 1500 }, (_, i) => ({
      labels: { __name__: name, [label]: String(i) },
      times: [50 * MINUTE],
      values: [1],
    }));
  const queryable = inMemory([...many("a", "x"), ...many("b", "y")]);
  const { reason } = await engine.explain({ text: "a * b", time: 50 * MINUTE, queryable }, true);
  expect(reason?.text).toBe(
    "No series on the left of * has the same labels as a series on the right (only 1000 series on the left and 1000 on the right were compared): x is only on the left side, y is only on the right side.",
  );
});

test("the time of each part of a deep plan is added up once", () => {
  const parsed = parseExpression("up", {});
  if (!parsed.ok) throw new Error("not valid");
  let looks = 0;
  class Counted extends PartProfile {
    override get selfMs(): number {
      looks++;
      return 1;
    }
  }
  const depth = 400;
  const parts = Array.from({ length: depth }, () => new Counted(parsed.expr, { start: 0, step: 1, count: 1 }));
  for (let i = 1; i < depth; i++) parts[i - 1]!.inputs.push(parts[i]!);
  const part = planPartOf(parts[0]!, new ExpressionText("up"), true);
  expect(part.measured?.totalTime).toBe(depth / 1000);
  expect(looks).toBeLessThanOrEqual(2 * depth);
});

test("if a comparison removes histograms, the reason says that they are histograms", async () => {
  const storage = new MemoryStorage();
  const app = storage.appender();
  app.appendHistogram(app.series(Labels.of({ __name__: "m" })), 2000, EMPTY_HISTOGRAM);
  await app.commit();
  const { reason } = await engine.explain({ text: "m > 1", time: 3000, queryable: storage }, true);
  expect(reason?.text).toBe("The comparison m > 1 removed all of the 1 series: they are histograms.");
});

test("for a range of floats and histograms, the plan reports as many samples as the statistics", async () => {
  const storage = new MemoryStorage();
  const labels = Labels.of({ __name__: "m" });
  await storage.load(labels, [0, 1000], [1, 2]);
  const app = storage.appender();
  app.appendHistogram(app.series(labels), 2000, EMPTY_HISTOGRAM);
  await app.commit();
  const request: EngineRequest = { text: "count_over_time(m[5m])", time: 3000, queryable: storage, samplesOf: "query" };
  const { plan, result } = await engine.explain(request, true);
  const read = partsOf(plan).reduce((sum, { measured }) => sum + measured!.samplesRead, 0);
  expect(read).toBeGreaterThan(3);
  expect(read).toBe(result!.stats.samples.samplesRead);
});
