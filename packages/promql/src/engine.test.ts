import { EMPTY_HISTOGRAM, Labels } from "@narthex/model";
import { createSampleBatch, type Queryable } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import type { EngineClock } from "./deadline.ts";
import { createEngine, type EngineOptions, type EngineRequest } from "./engine.ts";
import { forEachSample, type QueryResult } from "./query-result.ts";
import { QueryError } from "./query-error.ts";

/** A clock that the test advances. It fires the timers that are due. */
class HandClock implements EngineClock {
  time = 0;
  readonly timers = new Set<{ at: number; run: () => void }>();
  now = (): number => this.time;
  monotonic = (): number => this.time;
  sleep = (): Promise<void> => Promise.resolve();
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }
  pass(ms: number): void {
    this.time += ms;
    for (const timer of this.timers) if (timer.at <= this.time && this.timers.delete(timer)) timer.run();
  }
}

/** Creates a storage with the given series. Samples are a minute apart, starting at t=0; undefined means no sample. */
async function storageOf(
  series: readonly (readonly [Record<string, string>, (number | undefined)[]])[],
): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const app = storage.appender();
  const batch = createSampleBatch(series.reduce((sum, [, values]) => sum + values.length, 0));
  for (const [labels, values] of series) {
    const ref = app.series(Labels.of(labels));
    values.forEach((value, i) => {
      if (value === undefined) return;
      batch.refs[batch.count] = ref;
      batch.timestamps[batch.count] = i * 60_000;
      batch.values[batch.count++] = value;
    });
  }
  app.append(batch);
  await app.commit();
  return storage;
}

const SERIES: readonly (readonly [Record<string, string>, (number | undefined)[]])[] = [
  [{ __name__: "c_total" }, [0, 10, 20, 5, 15, undefined, undefined, 40]],
  [{ __name__: "g" }, [5, 3, 8, NaN, 2]],
  [{ __name__: "h", le: "1" }, [1, 1, 1]],
  [{ __name__: "h", le: "2" }, [3, 3, 3]],
  [{ __name__: "h", le: "+Inf" }, [4, 4, 4]],
];

const engineWith = (options: Partial<EngineOptions> = {}): ReturnType<typeof createEngine> =>
  createEngine({ clock: new HandClock(), ...options });

function textOf(result: QueryResult): string[] {
  return result.series.map((series) => {
    const values: string[] = [];
    forEachSample(series, (_, value) => values.push(String(value)));
    return `${series.labels.toString()} ${values.join(" ")}`;
  });
}

async function failureOf(query: Promise<unknown>): Promise<{ kind: string; message: string }> {
  const error: unknown = await query.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof QueryError)) throw new Error(`no QueryError: ${String(error)}`);
  return { kind: error.kind, message: error.message };
}

// Expected results measured with Prometheus 3.5.
test.each([
  ["rate(c_total[5m])", 7, ["{} 0.13333333333333333"]],
  ["increase(c_total[5m])", 7, ["{} 40"]],
  ["increase(c_total[3m30s])", 4, ["{} 29.166666666666668"]],
  ["delta(g[10m])", 3, ["{} NaN"]],
  ["max_over_time(g[10m])", 6, ["{} 8"]],
  ["stddev_over_time(g[10m])", 2, ["{} 2.0548046676563256"]],
  ["histogram_quantile(0.5, h)", 2, ["{} 1.5"]],
  ['count_values("v", {__name__=~"c_total|g"})', 2, ['{v="20"} 1', '{v="8"} 1']],
  ['quantile(0.3, {__name__=~"c_total|g"})', 2, ["{} 11.6"]],
  ["sum_over_time(c_total[3m:1m])", 4, ["{} 40"]],
  ["predict_linear(c_total[3m], 60)", 2, ["{} 30"]],
  ["timestamp(g)", 8, ["{} 240"]],
  ['absent(nope{a="b",c=~"x"})', 1, ['{a="b"} 1']],
  ['label_replace(g, "x", "$1-y", "__name__", "(.)")', 1, ['{__name__="g", x="g-y"} 3']],
  ["-c_total ^ 2", 2, ["{} -400"]],
  ["0755 + 0x1F + 1_000", 0, ["{} 1524"]],
  ["round(vector(2.5)) + round(vector(-2.5))*100", 0, ["{} -197"]],
  ["minute(vector(Inf))", 0, ["{} 30"]],
  ["year(vector(NaN))", 0, ["{} 292277026596"]],
])("%s at %im gives what Prometheus gives", async (text, minutes, expected) => {
  const result = await engineWith().query({ queryable: await storageOf(SERIES), text, time: minutes * 60_000 });
  expect(textOf(result).sort()).toEqual([...expected].sort());
});

test.each([
  ["h * on() c_total", "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"],
  [
    "c_total * on() h",
    'found duplicate series for the match group {} on the right hand-side of the operation: [{__name__="h", le="+Inf"}, ' +
      '{__name__="h", le="1"}];many-to-many matching not allowed: matching labels must be unique on one side',
  ],
  ['abs({__name__=~"c_total|g"})', "vector cannot contain metrics with the same labelset"],
  ['rate({__name__=~"c_total|g"}[5m])', "vector cannot contain metrics with the same labelset"],
  ['label_replace(g, "x", "", "", "(")', "invalid regular expression in label_replace(): ("],
  ["topk(NaN, g)", "Parameter value is NaN"],
  ["topk(1e30, g)", "Scalar value 1e+30 overflows int64"],
  ['count_values("", g)', 'invalid label name ""'],
])("%s ends with Prometheus' words", async (text, message) => {
  const query = engineWith().query({ queryable: await storageOf(SERIES), text, time: 120_000 });
  expect(await failureOf(query)).toEqual({ kind: "execution", message });
});

test("query() rejects texts that cannot be parsed or evaluated over a range", async () => {
  const queryable = await storageOf([]);
  expect(await failureOf(engineWith().query({ queryable, text: "sum(", time: 0 }))).toMatchObject({
    kind: "bad-query",
  });
  expect(await failureOf(engineWith().query({ queryable, text: "g[5m]", start: 0, end: 10, step: 1 }))).toEqual({
    kind: "bad-query",
    message: 'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
  });
  expect(await failureOf(engineWith().query({ queryable, text: "g[(5m-5m)]", time: 0 }))).toMatchObject({
    kind: "bad-query",
  });
});

test("a range query sorts its series and repeats the values of step-invariant parts", async () => {
  const queryable = await storageOf(SERIES);
  const request: EngineRequest = { queryable, text: "h or c_total @ 60", start: 60_000, end: 180_000, step: 60_000 };
  expect(textOf(await engineWith().query(request))).toEqual([
    '{__name__="c_total"} 10 10 10',
    '{__name__="h", le="+Inf"} 4 4 4',
    '{__name__="h", le="1"} 1 1 1',
    '{__name__="h", le="2"} 3 3 3',
  ]);
});

// Expected results measured with Prometheus 3.5. A join returns its results in the order of the "many" side.
test.each([
  ["m * on (b) group_left () n", ["1 x", "1 y", "2 x", "2 y"]],
  ["n * on (b) group_right () m", ["1 x", "1 y", "2 x", "2 y"]],
  ["bottomk (3, m * on (b) group_left () (n > bool 5))", ["1 x", "1 y", "2 x"]],
  ["m * on (b) group_left () fill_left (1) n", ["1 x", "1 y", "2 x", "2 y", " z"]],
])("%s answers an instant query in the order of its series", async (text, expected) => {
  const series = (name: string, a: string, b: string) => [{ __name__: name, a, b }, [1]] as const;
  const m = ["1", "2"].flatMap((a) => ["x", "y"].map((b) => series("m", a, b)));
  const queryable = await storageOf(
    [...m, ...["z", "y", "x"].map((b) => [{ __name__: "n", b }, [1]] as const)].map(
      ([labels, values]) => [{ ...labels }, [...values]] as const,
    ),
  );
  const engine = engineWith({ features: { experimentalFunctions: true, binopFillModifiers: true } });
  const { series: found } = await engine.query({ queryable, text, time: 0 });
  expect(found.map(({ labels }) => `${labels.get("a")} ${labels.get("b")}`)).toEqual(expected);
});

// Expected numbers of samples, measured with Prometheus 3.5. For a range selector, every step counts all samples of its
// window. For a subquery, only the samples in the subquery's own windows are counted.
test.each([
  ["h", 9],
  ["h @ 60", 9],
  ["count_over_time(h[2m])", 15],
  ["count_over_time(h[2m] @ 120)", 18],
  ["count_over_time(h[2m:1m])", 15],
  ["h and h", 18],
])("%s looks at %i samples", async (text, samples) => {
  const request: EngineRequest = { queryable: await storageOf(SERIES), text, start: 0, end: 120_000, step: 60_000 };
  expect((await engineWith().query(request)).stats.samples.totalQueryableSamples).toBe(samples);
});

test("a selector that is used twice is selected once, over the widest range", async () => {
  const storage = await storageOf(SERIES);
  const asked: { start: number; end: number }[] = [];
  const queryable: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      return {
        ...querier,
        select(matchers, hints) {
          asked.push({ start: hints.start, end: hints.end });
          return querier.select(matchers, hints);
        },
        close: () => querier.close(),
      };
    },
  };
  await engineWith().query({ queryable, text: "g + g offset 1m - max_over_time(g[10m])", time: 600_000 });
  expect(asked).toEqual([{ start: 1, end: 600_000 }]);
});

test("if the storage fails, the error says that it comes from the storage", async () => {
  const broken: Queryable = {
    querier: () => ({
      select: () => Promise.reject(new Error("disk on fire")),
      labelNames: () => Promise.resolve([]),
      labelValues: () => Promise.resolve([]),
      close() {},
    }),
  };
  expect(await failureOf(engineWith().query({ queryable: broken, text: "g", time: 0 }))).toEqual({
    kind: "storage",
    message: "expanding series: disk on fire",
  });
});

test("samples beyond the budget end a query, and released samples are no longer counted", async () => {
  const queryable = await storageOf(SERIES);
  const request: EngineRequest = { queryable, text: "h + h", start: 0, end: 120_000, step: 60_000 };
  expect(await failureOf(engineWith({ maxSamples: 10 }).query(request))).toEqual({
    kind: "too-many-samples",
    message: "query processing would load too many samples into memory in query execution",
  });
  const chained = { ...request, text: Array.from({ length: 20 }, () => "h").join(" + ") };
  expect((await engineWith({ maxSamples: 40 }).query(chained)).stats.samples.peakSamples).toBeLessThanOrEqual(40);
});

test("a range with more steps than the budget permits is refused before memory is allocated", async () => {
  const queryable = await storageOf([]);
  const range = engineWith().query({ queryable, text: "g", start: 0, end: 1e12, step: 1 });
  expect(await failureOf(range)).toMatchObject({ kind: "too-many-samples" });
  const subquery = engineWith().query({ queryable, text: "max_over_time(vector(1)[100y:1ms])", time: 0 });
  expect(await failureOf(subquery)).toMatchObject({ kind: "too-many-samples" });
});

/** Returns a storage whose reads wait until the test calls `answer`. */
function heldStorage(): { queryable: Queryable; answer: () => void } {
  let answer = (): void => {};
  const gate = new Promise<void>((resolve) => (answer = resolve));
  const queryable: Queryable = {
    querier: () => ({
      async select() {
        await gate;
        return { labels: [], warnings: [], read() {} };
      },
      labelNames: () => Promise.resolve([]),
      labelValues: () => Promise.resolve([]),
      close() {},
    }),
  };
  return { queryable, answer: () => answer() };
}

test("a query that exceeds its timeout ends at its next check", async () => {
  const clock = new HandClock();
  const { queryable, answer } = heldStorage();
  const query = engineWith({ clock, timeoutMs: 1000 }).query({ queryable, text: "g", time: 0 });
  await Promise.resolve();
  clock.pass(1000);
  answer();
  expect(await failureOf(query)).toEqual({ kind: "timeout", message: "query timed out in expression evaluation" });
});

test("a request can shorten the timeout but not lengthen it", async () => {
  const clock = new HandClock();
  const { queryable } = heldStorage();
  const engine = engineWith({ clock, timeoutMs: 1000, maxConcurrency: 1 });
  const first = engine.query({ queryable, text: "g", time: 0, timeoutMs: 5000 });
  const second = engine.query({ queryable, text: "g", time: 0, timeoutMs: 10 });
  await Promise.resolve();
  clock.pass(10);
  expect(await failureOf(second)).toEqual({ kind: "timeout", message: "query timed out in query queue" });
  expect(engine.listActive()).toHaveLength(1);
  clock.pass(990);
  void first.catch(() => {});
});

test("a client that disconnects cancels its query, even in the queue", async () => {
  const { queryable, answer } = heldStorage();
  const engine = engineWith({ maxConcurrency: 1 });
  const running = new AbortController();
  const waiting = new AbortController();
  const first = engine.query({ queryable, text: "a", time: 0, signal: running.signal });
  const second = engine.query({ queryable, text: "b", time: 0, signal: waiting.signal });
  await Promise.resolve();
  expect(engine.listActive().map(({ text }) => text)).toEqual(["a", "b"]);
  expect(engine.waiting).toBe(1);
  waiting.abort();
  expect(await failureOf(second)).toEqual({ kind: "canceled", message: "query was canceled in query queue" });
  running.abort();
  answer();
  expect(await failureOf(first)).toEqual({ kind: "canceled", message: "query was canceled in expression evaluation" });
  expect(engine.listActive()).toEqual([]);
  expect((await engine.query({ queryable, text: "1", time: 0 })).type).toBe("scalar");
});

test("a long query yields to other work between series", async () => {
  const clock = new HandClock();
  let turns = 0;
  const storage = await storageOf(Array.from({ length: 50 }, (_, i) => [{ __name__: "m", i: String(i) }, [i]]));
  const slow: Queryable = {
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      return {
        ...querier,
        close: () => querier.close(),
        async select(matchers, hints) {
          const set = await querier.select(matchers, hints);
          return { ...set, read: (...read) => (clock.pass(5), set.read(...read)) };
        },
      };
    },
  };
  const engine = engineWith({ clock, yieldTurn: () => Promise.resolve(void turns++) });
  await engine.query({ queryable: slow, text: "sum(m)", time: 0 });
  expect(turns).toBeGreaterThan(20);
});

test("limit shortens the result and adds a warning", async () => {
  const result = await engineWith().query({ queryable: await storageOf(SERIES), text: "h", time: 0, limit: 2 });
  expect(result.series).toHaveLength(2);
  expect(result.warnings).toEqual(["results truncated due to limit"]);
});

test("annotations name their position, and equal texts are shown once", async () => {
  const queryable = await storageOf(SERIES);
  const result = await engineWith().query({
    queryable,
    text: "rate(g[5m]) + rate(g[5m])\n+ quantile(2, g)",
    time: 120_000,
  });
  expect(result.warnings).toEqual(["PromQL warning: quantile value should be between 0 and 1, got 2 (2:12)"]);
  expect(result.infos).toEqual([
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:20)',
  ]);
});

test.each([
  ["", 'got "": "m"'],
  ["gauge", 'got "gauge": "m"'],
  ["counter", undefined],
  ["histogram", undefined],
])("with labels for types a rate of the type %j is doubted as it says", async (type, doubt) => {
  const queryable = await storageOf([[{ __name__: "m", ...(type === "" ? {} : { __type__: type }) }, [1, 2]]]);
  const { infos } = await engineWith({ features: { typeAndUnitLabels: true } }).query({
    queryable,
    text: "rate(m[5m])",
    time: 120_000,
  });
  expect(infos).toEqual(
    doubt === undefined
      ? []
      : [
          `PromQL info: metric might not be a counter, __type__ label is not set to "counter" or "histogram", ${doubt} (1:6)`,
        ],
  );
});

test("all annotations of quantile_over_time() name the position of the quantile", async () => {
  const storage = await storageOf([[{ __name__: "m" }, [1]]]);
  const app = storage.appender();
  app.appendHistogram(app.series(Labels.of({ __name__: "m" })), 60_000, EMPTY_HISTOGRAM);
  await app.commit();
  const result = await engineWith().query({
    queryable: storage,
    text: "quantile_over_time(0.5, m[5m])",
    time: 120_000,
  });
  expect(result.infos).toEqual([
    'PromQL info: ignored histograms in a range containing both floats and histograms for metric name "m" (1:20)',
  ]);
});
