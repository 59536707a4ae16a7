import { Labels, wordsOf } from "@narthex/model";
import { type Queryable, SampleAggregates, SampleColumns, type SeriesSet } from "@narthex/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createEngine } from "../engine.ts";
import { closeNumber } from "../testing/close-number.ts";
import type { PlainSample } from "../testing/reference/plain.ts";
import { RANGE_REFERENCES } from "../testing/reference/range-references.ts";
import { forEachSample, type QueryResult } from "../query-result.ts";

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve(), after: () => () => {} };
const LOOKBACK = 4000;
const engine = createEngine({ clock, lookbackMs: LOOKBACK });

interface Scene {
  readonly samples: readonly PlainSample[];
  /**
   * Length in ms of the periods of downsampled data, and the time up to which samples are downsampled: for each period,
   * only one sample remains.
   */
  readonly resolution: number;
  readonly before: number;
}

/** Groups samples by their downsampling period. Each sample after `before` has its own group. */
function rowsOf({ samples, resolution, before }: Scene): PlainSample[][] {
  const places = Map.groupBy(samples, ({ time }) => {
    const end = Math.ceil(time / resolution) * resolution;
    return end <= before ? end : time;
  });
  return [...places.values()];
}

const keptOf = (scene: Scene): PlainSample[] => rowsOf(scene).map((row) => row.at(-1)!);

const columnsOf = (samples: readonly PlainSample[]): SampleColumns => {
  const columns = new SampleColumns();
  for (const { time, value } of samples) columns.pushFloat(time, wordsOf(Float64Array.of(value as number)), 0);
  return columns;
};

function pushRow(into: SampleAggregates, row: readonly PlainSample[]): void {
  const values = row.map(({ value }) => value as number);
  into.pushSamples(columnsOf(row.slice(-1)), 0, 1);
  const at = into.rows - 1;
  into.count[at] = row.length;
  into.sum[at] = values.reduce((a, b) => a + b);
  into.min[at] = Math.min(...values);
  into.max[at] = Math.max(...values);
  into.first[at] = values[0]!;
  into.length[at] = row.at(-1)!.time - row[0]!.time;
  into.lost[at] = values.reduce((lost, value, i) => (value < values[i - 1]! ? lost + values[i - 1]! : lost), 0);
}

function storageOf(scene: Scene): Queryable {
  const { before, resolution } = scene;
  const set: SeriesSet = {
    labels: [Labels.of({ __name__: "m" })],
    warnings: [],
    downsampled: { before, samplesFrom: before, resolutionMs: resolution },
    read(_, minTime, maxTime, into) {
      into.reset();
      const columns = columnsOf(keptOf(scene).filter(({ time }) => time >= minTime && time <= maxTime));
      for (let i = 0; i < columns.count; i++) into.pushFloat(columns.timestamps[i]!, columns.valueWords, i);
    },
    readAggregates(_, minTime, maxTime, into) {
      into.reset();
      into.resolutionMs = resolution;
      for (const row of rowsOf(scene)) {
        const { time } = row.at(-1)!;
        if (time >= minTime && time <= maxTime) pushRow(into, row);
      }
      return true;
    },
  };
  const querier = {
    select: () => Promise.resolve(set),
    labelNames: () => Promise.resolve([]),
    labelValues: () => Promise.resolve([]),
    close() {},
  };
  return { querier: () => querier };
}

const scenes: fc.Arbitrary<Scene> = fc
  .record({
    gaps: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 60 }),
    values: fc.array(fc.integer({ min: -5, max: 40 }), { minLength: 60, maxLength: 60 }),
    resolution: fc.constantFrom(5000, 20_000),
    windows: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ gaps, values, resolution, windows }) => {
    let time = 0;
    const samples = gaps.map((gap, i) => ({ time: (time += gap * 500), value: values[i]! }));
    return { samples, resolution, before: windows * resolution };
  });
const grids = fc.record({ range: fc.integer({ min: 1, max: 90 }), step: fc.integer({ min: 1, max: 40 }) });
const STEPS = 8;

function valuesOf({ series }: QueryResult, step: number): unknown[] {
  const values: unknown[] = Array.from({ length: STEPS }, () => undefined);
  for (const one of series) forEachSample(one, (time, value) => (values[time / step] = closeNumber(value)));
  return values;
}

/** Returns the result of a query at each time. Also checks that explaining the query gives the same result. */
async function found(scene: Scene, text: string, step: number): Promise<QueryResult> {
  const request = { queryable: storageOf(scene), text, start: 0, end: (STEPS - 1) * step, step };
  const result = await engine.query({ ...request, samplesOf: "query" });
  const explained = await engine.explain({ ...request, samplesOf: "query" }, true);
  expect(valuesOf(explained.result!, step)).toEqual(valuesOf(result, step));
  expect(result.infos.filter((info) => info.includes("downsampled"))).toHaveLength(1);
  return result;
}

const inside = (samples: readonly PlainSample[], start: number, end: number): PlainSample[] =>
  samples.filter(({ time }) => time > start && time <= end);

/** Returns the period that the window of an evaluation time covers in downsampled data. */
function coveredBy({ before, resolution }: Scene, time: number, rangeMs: number): [start: number, end: number] {
  const moved = (bound: number): number => (bound < before ? Math.floor(bound / resolution) * resolution : bound);
  const [start, end] = [moved(time - rangeMs), moved(time)];
  return [start === end ? end - resolution : start, end];
}

const OF_AGGREGATES = ["sum", "avg", "min", "max", "count", "present", "first", "last"].map(
  (name) => `${name}_over_time`,
);

test.each([...OF_AGGREGATES, "rate", "increase", "delta"])(
  "%s() of downsampled series equals the result of all samples, in windows that end where rows end",
  (name) =>
    fc.assert(
      fc.asyncProperty(scenes, grids, async (scene, grid) => {
        const [step, rangeMs] = [grid.step * 1000, grid.range * 1000];
        let looked = 0;
        const expected = Array.from({ length: STEPS }, (_, i) => {
          const [start, end] = coveredBy(scene, i * step, rangeMs);
          looked += inside(keptOf(scene), start, end).length;
          const covered = end - start;
          const at = { time: end, rangeMs: covered, scalars: [] };
          const value = RANGE_REFERENCES[name]!(inside(scene.samples, start, end), at) as number | undefined;
          const scale = name === "increase" || name === "delta" ? rangeMs / covered : 1;
          return value === undefined ? undefined : closeNumber(value * scale);
        });
        const result = await found(scene, `${name}(m[${grid.range}s])`, step);
        expect(valuesOf(result, step)).toEqual(expected);
        expect(result.stats.samples.totalQueryableSamples).toBe(looked);
        const isDoubted = result.infos.some((info) => info.includes("might not be a counter"));
        expect(isDoubted).toBe(/rate|increase/.test(name) && expected.some((value) => value !== undefined));
      }),
      { numRuns: 60 },
    ),
);

test("absent_over_time() of downsampled series takes the removed samples into account", () =>
  fc.assert(
    fc.asyncProperty(scenes, grids, async (scene, grid) => {
      const expected = Array.from({ length: STEPS }, (_, i) => {
        const [start, end] = coveredBy(scene, i * grid.step * 1000, grid.range * 1000);
        return inside(scene.samples, start, end).length === 0 ? closeNumber(1) : undefined;
      });
      const result = await found(scene, `absent_over_time(m[${grid.range}s])`, grid.step * 1000);
      expect(valuesOf(result, grid.step * 1000)).toEqual(expected);
    }),
    { numRuns: 60 },
  ));

test.each(["stdvar_over_time", "changes"])(
  "%s() of downsampled series equals the result of the remaining samples",
  (name) =>
    fc.assert(
      fc.asyncProperty(scenes, grids, async (scene, grid) => {
        const [step, rangeMs] = [grid.step * 1000, grid.range * 1000];
        const expected = Array.from({ length: STEPS }, (_, i) => {
          const at = { time: i * step, rangeMs, scalars: [] };
          const value = RANGE_REFERENCES[name]!(inside(keptOf(scene), at.time - rangeMs, at.time), at);
          return value === undefined ? undefined : closeNumber(value as number);
        });
        expect(valuesOf(await found(scene, `${name}(m[${grid.range}s])`, step), step)).toEqual(expected);
      }),
      { numRuns: 30 },
    ),
);

test("a selector of downsampled series finds the sample of a window even if no step is at the end of the window", () =>
  fc.assert(
    fc.asyncProperty(scenes, fc.integer({ min: 1, max: 40 }), async (scene, seconds) => {
      const step = seconds * 1000;
      const ends = step % scene.resolution === 0;
      const expected = Array.from({ length: STEPS }, (_, i) => {
        const last = keptOf(scene).findLast(({ time }) => time <= i * step);
        if (last === undefined) return undefined;
        const reach = last.time < scene.before && !ends ? LOOKBACK + scene.resolution : LOOKBACK;
        return last.time > i * step - reach ? closeNumber(last.value as number) : undefined;
      });
      expect(valuesOf(await found(scene, "m", step), step)).toEqual(expected);
    }),
    { numRuns: 60 },
  ));
