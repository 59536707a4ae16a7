import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Cursor } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import {
  type Appender,
  createSampleBatch,
  OUTCOME_DUPLICATE,
  OUTCOME_INVALID_EXEMPLAR,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_BOUNDS,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_UNKNOWN_SERIES,
} from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { copyOf } from "../testing/test-tsdb.ts";
import { isHistogramRecord, readHistogramRecord } from "../wal/histogram-records.ts";
import { readSegment } from "../wal/read-segment.ts";
import {
  readExemplars,
  readSamples,
  readSeries,
  RECORD_EXEMPLARS,
  RECORD_SAMPLES,
  RECORD_SAMPLES_V2,
  RECORD_SERIES,
  SampleRecord,
} from "../wal/records.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";
import type { AgentOptions } from "./agent-options.ts";
import { agentTimes } from "./agent-options.ts";
import type { AgentStorage } from "./agent-storage.ts";
import { openAgent } from "./open-agent.ts";

const T0 = 1_700_000_000_000;
let dir: string;
let clock: ManualClock;

beforeEach(() => {
  dir = temporaryFolder();
  clock = new ManualClock(T0);
});

/** Opens an agent. Checkpoints are written on this thread, because a worker thread could not use the test's `Files`. */
const open = (folder: string, changes: Partial<AgentOptions> = {}): Promise<AgentStorage> =>
  openAgent(folder, {
    clock,
    logger: memoryLogger(),
    lockFile: false,
    walFsync: "never",
    files: { ...diskFiles },
    ...changes,
  });

const named = (name: string): Labels => Labels.of({ __name__: name, job: "a", instance: `${name}:80` });

function append(app: Appender, name: string, samples: readonly (readonly [number, number])[], start = 0): number[] {
  const batch = createSampleBatch(samples.length);
  const ref = app.series(named(name));
  if (start !== 0) batch.starts = new Float64Array(samples.length).fill(start);
  for (const [time, value] of samples) {
    batch.refs[batch.count] = ref;
    batch.timestamps[batch.count] = time;
    batch.values[batch.count++] = value;
  }
  app.append(batch);
  return [...batch.outcomes.subarray(0, batch.count)];
}

async function write(storage: AgentStorage, name: string, ...samples: (readonly [number, number])[]): Promise<void> {
  const app = storage.appender();
  expect(append(app, name, samples)).toEqual(samples.map(() => OUTCOME_OK));
  await app.commit();
}

interface LogContents {
  /** Samples by the name of their series, in the order in which they were logged. */
  readonly samples: Map<string, [time: number, value: number | string][]>;
  readonly starts: number[];
  readonly exemplars: number;
  readonly unknown: number;
}

/** Reads the write-ahead log of a folder, beginning with its checkpoint. */
async function contents(folder: string): Promise<LogContents> {
  const names = new Map<number, string>();
  const samples: LogContents["samples"] = new Map();
  const starts: number[] = [];
  let [exemplars, unknown] = [0, 0];
  const add = (ref: number, time: number, value: number | string): void => {
    const name = names.get(ref);
    if (name === undefined) unknown++;
    else if (samples.has(name)) samples.get(name)!.push([time, value]);
    else samples.set(name, [[time, value]]);
  };
  const wal = join(folder, "wal");
  const checkpoint = listCheckpoints(wal).at(-1);
  const segments = [
    ...(checkpoint === undefined ? [] : listSegments(checkpoint.path)),
    ...listSegments(wal).filter(({ index }) => index > (checkpoint?.index ?? -1)),
  ];
  const record = new SampleRecord();
  for (const { path } of segments) {
    const reading = await readSegment(path, (bytes) => {
      const cursor = new Cursor(bytes, 1);
      const type = bytes[0]!;
      if (type === RECORD_SERIES) readSeries(cursor, (ref, labels) => names.set(ref, labels.get("__name__")));
      else if (type === RECORD_SAMPLES || type === RECORD_SAMPLES_V2) {
        readSamples(cursor, type, record);
        for (let i = 0; i < record.count; i++) {
          add(record.refs[i]!, record.timestamps[i]!, record.values[i]!);
          starts.push(record.startOf(i));
        }
      } else if (isHistogramRecord(type)) {
        readHistogramRecord(cursor, type, ({ ref, timestamp, histogram }) =>
          add(ref, timestamp, `h${histogram.count}`),
        );
      } else if (type === RECORD_EXEMPLARS) readExemplars(cursor, () => exemplars++);
    });
    expect(reading.damages).toEqual([]);
  }
  return { samples, starts, exemplars, unknown };
}

test("a sample is taken if it is newer than the newest committed one of its series minus the window", async () => {
  await using storage = await open(dir);
  const app = storage.appender({ maxTimestamp: T0 + 100 });
  expect(
    append(app, "m", [
      [T0, 1],
      [T0, 2],
      [T0 - 5, 3],
      [T0 + 101, 4],
    ]),
  ).toEqual([OUTCOME_OK, OUTCOME_OK, OUTCOME_OK, OUTCOME_OUT_OF_BOUNDS]);
  await app.commit();
  const next = storage.appender();
  expect(
    append(next, "m", [
      [T0, 1],
      [T0 - 1, 1],
      [T0 + 1, 1],
    ]),
  ).toEqual([OUTCOME_OUT_OF_ORDER, OUTCOME_OUT_OF_ORDER, OUTCOME_OK]);
  expect(next.appendHistogram(next.series(named("m")), T0, histogramOf(2))).toBe(OUTCOME_OUT_OF_ORDER);
  expect(next.appendHistogram(next.series(named("m")), T0 + 2, histogramOf(2, { count: 1 }))).toBe(
    OUTCOME_INVALID_HISTOGRAM,
  );
  next.rollback();
  storage.outOfOrderWindowMs = 10;
  await write(storage, "m", [T0 - 9, 5]);
  // The count includes one sample that is older than another sample of the same transaction.
  expect(storage.collect()["prometheus_agent_out_of_order_samples_total"]).toBe(5);
  expect((await contents(dir)).samples.get("m")).toEqual([
    [T0, 1],
    [T0, 2],
    [T0 - 5, 3],
    [T0 - 9, 5],
  ]);
});

test("floats, histograms and exemplars of a series stay in their order; a repeated exemplar is left out", async () => {
  await using storage = await open(dir);
  const app = storage.appender();
  append(app, "m", [[T0, 1]]);
  const ref = app.series(named("m"));
  expect(app.appendHistogram(ref, T0 + 1, histogramOf(3))).toBe(OUTCOME_OK);
  append(app, "m", [[T0 + 2, 2]]);
  const exemplar = { labels: Labels.of({ trace_id: "x" }), value: 1, timestamp: T0 };
  expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_OK);
  expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_DUPLICATE);
  expect(app.appendExemplar(ref, { ...exemplar, timestamp: T0 - 1 })).toBe(OUTCOME_OK);
  expect(app.appendExemplar(99, exemplar)).toBe(OUTCOME_UNKNOWN_SERIES);
  await app.commit();
  const { samples, exemplars } = await contents(dir);
  expect(samples.get("m")).toEqual([
    [T0, 1],
    [T0 + 1, "h8"],
    [T0 + 2, 2],
  ]);
  expect(exemplars).toBe(2);
  expect(storage.appended()).toEqual({ floats: 2, histograms: 1, exemplars: 2 });
  expect(storage.maxTime).toBe(T0 + 2);
});

test("start timestamps are logged, or become zero samples, according to the options", async () => {
  const started = [[T0, 7]] as const;
  for (const [i, options] of [{}, { startTimestamps: true }, { startsAsZeros: true }].entries()) {
    const folder = join(dir, String(i));
    const storage = await open(folder, options);
    const app = storage.appender();
    append(app, "m", started, T0 - 50);
    await app.commit();
    const again = storage.appender();
    append(again, "m", [[T0 + 10, 8]], T0 - 50);
    await again.commit();
    await storage.close();
  }
  const [plain, withStarts, zeros] = await Promise.all(["0", "1", "2"].map((name) => contents(join(dir, name))));
  expect(plain).toMatchObject({ starts: [0, 0] });
  expect(withStarts).toMatchObject({ starts: [T0 - 50, T0 - 50] });
  expect(zeros!.samples.get("m")).toEqual([
    [T0 - 50, 0],
    [T0, 7],
    [T0 + 10, 8],
  ]);
});

test("a commit of many samples is logged completely while others commit", async () => {
  await using storage = await open(dir);
  const app = storage.appender();
  const many = Array.from({ length: 40_000 }, (_, i) => [T0 + i, i] as const);
  append(app, "long", many);
  const commit = app.commit();
  await write(storage, "short", [T0, 1]);
  await commit;
  const { samples, unknown } = await contents(dir);
  expect(unknown).toBe(0);
  expect(samples.get("long")).toEqual(many);
  expect(samples.get("short")).toEqual([[T0, 1]]);
});

/** Names of the random series. There are only a few names, so that a series occurs repeatedly. */
const names = ["a", "b", "c", "d", "e"];
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      name: fc.constantFrom(...names),
      isKept: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("truncate" as const), age: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "kill" as const) }) },
);

test("after truncations, restarts and kills the log has every sample that must be kept, once, in order, with its series", async () => {
  let checkpoints = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      let folder = temporaryFolder();
      let storage = await open(folder);
      const written: [name: string, time: number][] = [];
      let [time, keptFrom] = [T0, -Infinity];
      for (const step of actions) {
        time += 10;
        await clock.advance(Math.max(0, time - clock.now()));
        if (step.kind === "write") {
          const app = storage.appender();
          expect(append(app, step.name, [[time, time]])).toEqual([OUTCOME_OK]);
          if (step.isKept) written.push([step.name, time]);
          if (step.isKept) await app.commit();
          else app.rollback();
        } else if (step.kind === "truncate") {
          keptFrom = Math.max(keptFrom, time - step.age * 10);
          await storage.truncate(time - step.age * 10);
        } else {
          const before = folder;
          if (step.kind === "restart") await storage.close();
          folder = copyOf(before);
          if (step.kind === "kill") await storage.close();
          storage = await open(folder);
        }
      }
      await storage.close();
      const { samples, unknown } = await contents(folder);
      expect(unknown).toBe(0);
      for (const name of names) {
        const times = written.filter(([of]) => of === name).map(([, at]) => at);
        const found = (samples.get(name) ?? []).map(([at]) => at);
        // Samples older than `keptFrom` may remain in the log, because a truncation removes only whole segments.
        const older = found.filter((at) => at < keptFrom);
        expect(found.slice(older.length)).toEqual(times.filter((at) => at >= keptFrom));
        expect(older).toEqual(times.filter((at) => older.includes(at)));
      }
      checkpoints += listCheckpoints(join(folder, "wal")).length;
    }),
    { numRuns: 15 },
  );
  expect(checkpoints).toBeGreaterThan(0);
});

test("series without new samples are dropped; samples that are sent late keep their segments, but only up to the longest time", async () => {
  await using storage = await open(dir, { minTimeMs: 120_000, maxTimeMs: 3_600_000, truncateFrequencyMs: 60_000 });
  let oldestSegment = 0;
  storage.followedBy(() => ({ lowestTime: clock.now(), oldestSegment }));
  const segments = (): number[] => listSegments(join(dir, "wal")).map(({ index }) => index);
  await write(storage, "old", [T0, 1]);
  for (let i = 1; i <= 8; i++) {
    await clock.advance(60_000);
    await storage.truncate(0);
    await write(storage, "new", [clock.now(), i]);
  }
  expect(segments()[0]).toBe(0);
  expect(storage.collect()).toMatchObject({
    prometheus_agent_active_series: 1,
    prometheus_agent_deleted_series: 1,
    prometheus_agent_checkpoint_creations_total: 0,
  });
  oldestSegment = 4;
  await storage.truncate(clock.now() - 1000);
  expect(segments()[0]).toBe(4);
  expect(readdirSync(join(dir, "wal"))).toContain("checkpoint.00000003");
  // Advances the clock until the newest sample of the old segments is older than `maxTimeMs`.
  oldestSegment = 0;
  await clock.advance(3_700_000);
  await write(storage, "new", [clock.now(), 1]);
  await storage.truncate(clock.now() - 1000);
  expect(segments()[0]).toBeGreaterThan(4);
  expect(storage.collect()["prometheus_agent_deleted_series"]).toBe(0);
});

test.each(["commit", "rollback"] as const)("an appender accepts no sample after %s()", async (end) => {
  await using storage = await open(dir);
  const app = storage.appender();
  const ref = app.series(named("a"));
  await app[end]();
  for (const call of [
    () => app.series(named("a")),
    () => app.append(createSampleBatch(1)),
    () => app.appendHistogram(ref, T0, histogramOf(1)),
    () => app.appendExemplar(ref, { labels: named("a"), value: 1, timestamp: T0 }),
  ])
    expect(call).toThrow("not yet committed or rolled back");
  await expect(async () => app.commit()).rejects.toThrow("not yet committed or rolled back");
  app.rollback();
});

test("the self metrics count what was appended, refused and truncated", async () => {
  await using storage = await open(dir);
  const app = storage.appender();
  append(app, "a", [
    [T0, 1],
    [T0 + 1, 2],
  ]);
  const ref = app.series(named("h"));
  app.appendHistogram(ref, T0, histogramOf(2));
  app.appendExemplar(ref, { labels: named("e"), value: 1, timestamp: T0 });
  await app.commit();
  const late = storage.appender();
  append(late, "a", [[T0, 1]]);
  late.rollback();
  await storage.truncate(T0 + 1);
  const counted = Object.entries(storage.collect()).filter(([name, value]) => value !== 0 && !name.includes("bytes"));
  expect(Object.fromEntries(counted)).toEqual({
    prometheus_tsdb_wal_segment_current: 1,
    prometheus_tsdb_wal_page_flushes_total: 3,
    prometheus_tsdb_wal_record_part_writes_total: 4,
    prometheus_tsdb_wal_fsync_duration_seconds_count: 1,
    narthex_tsdb_wal_loss_bound_seconds: Infinity,
    prometheus_agent_active_series: 1,
    prometheus_agent_deleted_series: 1,
    'prometheus_agent_samples_appended_total{type="float"}': 2,
    'prometheus_agent_samples_appended_total{type="histogram"}': 1,
    prometheus_agent_exemplars_appended_total: 1,
    prometheus_agent_out_of_order_samples_total: 1,
    prometheus_agent_truncate_duration_seconds_count: 1,
    prometheus_agent_clean_start: -1,
  });
});

test.each([
  [{}, [7_200_000, 300_000, 14_400_000]],
  [{ truncateFrequencyMs: 0, minTimeMs: -1, maxTimeMs: 0 }, [7_200_000, 300_000, 14_400_000]],
  [{ truncateFrequencyMs: 1, minTimeMs: 2, maxTimeMs: 1 }, [1, 2, 2]],
  [{ truncateFrequencyMs: 4, minTimeMs: 2, maxTimeMs: 3 }, [4, 2, 4]],
])("the times of an agent with %o are %o", (options, [truncateFrequencyMs, minTimeMs, maxTimeMs]) => {
  expect(agentTimes(options)).toEqual({ truncateFrequencyMs, minTimeMs, maxTimeMs });
});

test("a series stays while an open transaction has a sample of it", async () => {
  await using storage = await open(dir);
  await write(storage, "m", [T0, 1]);
  const app = storage.appender();
  append(app, "m", [[T0 + 1, 2]]);
  await storage.truncate(T0 + 1_000_000);
  await app.commit();
  await storage.truncate(T0);
  await write(storage, "m", [T0 + 2, 3]);
  const { samples, unknown } = await contents(dir);
  expect([unknown, samples.get("m")?.at(-1)]).toEqual([0, [T0 + 2, 3]]);
});

test("a series stays while an open transaction has its reference, even before its first sample", async () => {
  await using storage = await open(dir);
  await write(storage, "found", [T0, 1]);
  const app = storage.appender();
  const [added, found] = [app.series(named("added")), app.findSeries!(named("found"))];
  await storage.truncate(T0 + 1_000_000);
  for (const ref of [added, found]) expect(app.appendHistogram(ref, T0 + 1, histogramOf(2))).toBe(OUTCOME_OK);
  await app.commit();
  const { samples, unknown } = await contents(dir);
  expect([unknown, samples.get("added")]).toEqual([0, [[T0 + 1, "h5"]]]);
  await storage.truncate(T0 + 1_000_000);
  expect(storage.series.count).toBe(0);
});

test("samples that were rolled back can be appended again", async () => {
  await using storage = await open(dir, { startsAsZeros: true });
  const exemplar = { labels: Labels.of({ trace_id: "x" }), value: 1, timestamp: T0 };
  for (const end of ["rollback", "commit"] as const) {
    const app = storage.appender();
    expect(append(app, "m", [[T0, 7]], T0 - 50)).toEqual([OUTCOME_OK]);
    // Appends a sample whose counter has the same start time as the previous sample, so no second zero sample is added.
    expect(append(app, "m", [[T0 + 10, 8]], T0 - 50)).toEqual([OUTCOME_OK]);
    const ref = app.series(named("m"));
    expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_OK);
    expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_DUPLICATE);
    await app[end]();
  }
  const later = storage.appender();
  expect(later.appendExemplar(later.series(named("m")), exemplar)).toBe(OUTCOME_DUPLICATE);
  later.rollback();
  const { samples, exemplars } = await contents(dir);
  expect(samples.get("m")).toEqual([
    [T0 - 50, 0],
    [T0, 7],
    [T0 + 10, 8],
  ]);
  expect(exemplars).toBe(1);
});

test("on a full disk a commit tries one record of series only, and all series are logged later", async () => {
  let isFull = false;
  let tried = 0;
  const writeUnlessFull = (file: number, bytes: Uint8Array): number => {
    if (!isFull) return diskFiles.write(file, bytes);
    tried += bytes.length;
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  await using storage = await open(dir, { files: { ...diskFiles, write: writeUnlessFull }, walCompression: "none" });
  isFull = true;
  const app = storage.appender();
  for (let i = 0; i < 5000; i++) app.series(named(`m${i}`));
  tried = 0;
  append(app, "m0", [[T0, 1]]);
  await expect(app.commit()).rejects.toThrow("ENOSPC");
  expect(tried).toBeGreaterThan(0);
  expect(tried).toBeLessThan(128 * 1024);
  isFull = false;
  for (let i = 0; i < 5000; i += 1000) await write(storage, `m${i}`, [T0 + 1, 1]);
  const { samples, unknown } = await contents(dir);
  expect([unknown, samples.size]).toEqual([0, 5]);
});

test("new samples are kept after the clock was ahead for a while", async () => {
  await using storage = await open(dir);
  await storage.truncate(T0 + 1_000_000);
  await write(storage, "m", [T0, 1]);
  await storage.truncate(T0 - 1000);
  expect(storage.series.count).toBe(1);
});

test("after a restart new samples are compared with the newest ones of the log", async () => {
  const before = await open(dir);
  await write(before, "m", [T0, 1]);
  await before.close();
  await using storage = await open(dir);
  const app = storage.appender();
  expect(append(app, "m", [[T0, 1]])).toEqual([OUTCOME_OUT_OF_ORDER]);
  expect(app.findSeries!(named("m"))).toBe(1);
  expect(app.findSeries!(named("other"))).toBe(0);
  app.rollback();
});

test("times beyond MAX_TIME_MS are not logged and do not end a segment", async () => {
  await using storage = await open(dir, { startTimestamps: true });
  const app = storage.appender();
  const ref = app.series(named("m"));
  const exemplar = { labels: Labels.of({ trace_id: "x" }), value: 1, timestamp: T0 };
  expect(app.appendExemplar(ref, exemplar)).toBe(OUTCOME_OK);
  for (const timestamp of [Infinity, 2 ** 62, -(2 ** 63)]) {
    expect(app.appendExemplar(ref, { ...exemplar, value: 2, timestamp })).toBe(OUTCOME_INVALID_EXEMPLAR);
  }
  expect(append(app, "m", [[-(2 ** 63), 1]])).toEqual([OUTCOME_OUT_OF_BOUNDS]);
  expect(append(app, "m", [[2 ** 63, 1]])).toEqual([OUTCOME_OUT_OF_BOUNDS]);
  expect(append(app, "m", [[T0, 1]], 5)).toEqual([OUTCOME_OK]);
  expect(append(app, "m", [[T0 + 1, 1]], Infinity)).toEqual([OUTCOME_OK]);
  expect(append(app, "m", [[T0 + 2, 1]], -(2 ** 63))).toEqual([OUTCOME_OK]);
  expect(app.appendHistogram(ref, T0 + 3, histogramOf(3), 2 ** 62)).toBe(OUTCOME_OK);
  await app.commit();
  const { samples, starts, exemplars } = await contents(dir);
  expect(samples.get("m")).toHaveLength(4);
  expect(starts).toEqual([5, 0, 0]);
  expect(exemplars).toBe(1);
});

test("a reference that a restart replaced stays known as long as a segment has samples with it", async () => {
  // Makes the storage keep all log segments, as if none had been sent. The log then contains two references of the same
  // series.
  const hold = (storage: AgentStorage): void => storage.followedBy(() => ({ lowestTime: T0, oldestSegment: 0 }));
  const before = await open(dir);
  hold(before);
  await write(before, "m", [T0, 1]);
  await before.truncate(T0 + 10);
  await write(before, "m", [T0 + 20, 2]);
  for (const time of [30, 40]) {
    await before.truncate(0);
    await write(before, "m", [T0 + time, time]);
  }
  await before.close();
  await using storage = await open(dir);
  await storage.truncate(T0 + 1000);
  const { samples, unknown } = await contents(dir);
  expect([unknown, samples.get("m")]).toEqual([0, [[T0 + 40, 40]]]);
});
