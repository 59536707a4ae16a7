import { join } from "node:path";
import { Cursor } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { readSegment } from "../wal/read-segment.ts";
import { readSamples, readSeries, RECORD_SAMPLES, RECORD_SERIES, SampleRecord } from "../wal/records.ts";
import { listCheckpoints, listSegments } from "../wal/segment.ts";
import type { AgentOptions } from "./agent-options.ts";
import type { AgentStorage } from "./agent-storage.ts";
import { openAgent } from "./open-agent.ts";

const T0 = 1_700_000_000_000;
let dir: string;
beforeEach(() => {
  dir = temporaryFolder();
});

/** A clock that advances by a millisecond at each read. */
class TickingClock extends ManualClock {
  #looks = 0;

  override monotonic(): number {
    return this.#looks++;
  }

  override sleep(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * Opens an agent. Checkpoints are written on this thread, because the test replaces `Files`, which another thread
 * cannot use.
 */
const open = (folder: string, changes: Partial<AgentOptions> = {}): Promise<AgentStorage> =>
  openAgent(folder, {
    clock: new TickingClock(T0),
    logger: memoryLogger(),
    lockFile: false,
    walFsync: "never",
    files: { ...diskFiles },
    ...changes,
  });

const named = (name: string): Labels => Labels.of({ __name__: name, zone: "Zürich", long: "x".repeat(200) });

async function write(storage: AgentStorage, names: readonly string[], time: number): Promise<void> {
  const app = storage.appender();
  const batch = createSampleBatch(names.length);
  for (const name of names) {
    batch.refs[batch.count] = app.series(named(name));
    batch.values[batch.count] = time / 3;
    batch.timestamps[batch.count++] = time;
  }
  app.append(batch);
  expect([...batch.outcomes.subarray(0, batch.count)]).toEqual(names.map(() => OUTCOME_OK));
  await app.commit();
}

/**
 * Reads a checkpoint. Returns the names of the series by reference, and the times and values of the samples. Each log
 * record is a separate list.
 */
async function checkpointOf(folder: string) {
  const series: [ref: number, labels: string][][] = [];
  const samples: [ref: number, time: number, value: number][][] = [];
  const record = new SampleRecord();
  for (const { path } of listSegments(listCheckpoints(join(folder, "wal")).at(-1)!.path)) {
    const reading = await readSegment(path, (bytes) => {
      const cursor = new Cursor(bytes, 1);
      if (bytes[0] === RECORD_SERIES) {
        series.push([]);
        readSeries(cursor, (ref, labels) => series.at(-1)!.push([ref, String(labels)]));
      } else {
        expect(bytes[0]).toBe(RECORD_SAMPLES);
        readSamples(cursor, RECORD_SAMPLES, record);
        samples.push(
          Array.from({ length: record.count }, (_, i) => [record.refs[i]!, record.timestamps[i]!, record.values[i]!]),
        );
      }
    });
    expect(reading.damages).toEqual([]);
  }
  return { series, samples };
}

test("the checkpoint has, in batches, the labels of each series and a sample without a value at its newest time", async () => {
  await using storage = await open(dir, { checkpointBatchSize: 2 });
  await write(storage, ["a", "b", "c", "gone"], T0);
  for (let i = 1; i <= 4; i++) {
    await write(storage, ["a", "b", "c"], T0 + i);
    await storage.truncate(0);
  }
  // The segments that the truncation keeps contain the samples of this series.
  await storage.truncate(T0 + 1);
  expect(storage.collect()).toMatchObject({ prometheus_agent_active_series: 3, prometheus_agent_deleted_series: 1 });
  const { series, samples } = await checkpointOf(dir);
  expect(series).toEqual([
    [
      [1, String(named("a"))],
      [2, String(named("b"))],
    ],
    [
      [3, String(named("c"))],
      [4, String(named("gone"))],
    ],
  ]);
  expect(samples).toEqual([
    [
      [1, T0 + 4, 0],
      [2, T0 + 4, 0],
    ],
    [[3, T0 + 4, 0]],
  ]);
  // The series is removed from the checkpoint after those segments have been removed.
  for (let i = 5; i <= 12; i++) {
    await write(storage, ["a"], T0 + i);
    await storage.truncate(T0 + 1);
  }
  expect(storage.collect()["prometheus_agent_deleted_series"]).toBe(0);
  expect((await checkpointOf(dir)).series.flat().map(([ref]) => ref)).toEqual([1, 2, 3]);
  expect(storage.series.rowWithLabels(4)).toBe(0);
});

test("appends continue while a checkpoint is written, and no sample is lost", async () => {
  const names = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  const storage = await open(dir, { checkpointBatchSize: 10 });
  for (let i = 0; i < 2; i++) {
    await write(storage, names, T0 + i);
    await storage.truncate(0);
  }
  expect(listCheckpoints(join(dir, "wal"))).toEqual([]);
  const state = { isDone: false };
  const truncation = storage.truncate(0).then(() => (state.isDone = true));
  let during = 0;
  while (!state.isDone) {
    await write(storage, ["m7", `new${during}`], T0 + 100 + during++);
    await new Promise(setImmediate);
  }
  await truncation;
  expect(during).toBeGreaterThan(10);
  expect(listCheckpoints(join(dir, "wal"))).toHaveLength(1);
  await storage.close();
  await using again = await open(dir, { checkpointBatchSize: 10 });
  expect(again.series.count).toBe(names.length + during);
  const { lastTime } = again.series.at;
  expect(lastTime[again.series.find(named("m7"))]).toBe(T0 + 99 + during);
  expect(lastTime[again.series.find(named("m8"))]).toBe(T0 + 1);
});

const names = ["a", "b", "c", "d", "e"];
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), name: fc.constantFrom(...names) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("truncate" as const), age: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
);

/**
 * Returns the names of an agent's series with the times of their newest samples. A series without a time is left out:
 * the next truncation drops it, and until then any sample of it is in order. A checkpoint from the log may still have
 * the labels of such a series; a checkpoint from memory does not.
 */
const known = ({ series }: AgentStorage): [string, number][] =>
  names.flatMap((name) => {
    const row = series.find(named(name));
    const lastTime = row === 0 ? -Infinity : series.at.lastTime[row]!;
    return lastTime === -Infinity ? [] : [[name, lastTime] as [string, number]];
  });

test("a start restores the same series and newest times from a checkpoint made from memory as from one made from the log", async () => {
  const seen = { checkpoints: 0, dropped: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { minLength: 10, maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      async (actions, checkpointBatchSize) => {
        const ways = [
          { folder: temporaryFolder(), options: {} },
          { folder: temporaryFolder(), options: { checkpointBatchSize } },
        ];
        const found: unknown[] = [];
        for (const { folder, options: agentOptions } of ways) {
          const clock = new ManualClock(T0);
          const options = { clock, ...agentOptions };
          let storage = await open(folder, options);
          const states: unknown[] = [];
          let time = T0;
          for (const step of actions) {
            time += 10;
            await clock.advance(10);
            if (step.kind === "write") await write(storage, [step.name], time);
            else if (step.kind === "truncate") await storage.truncate(time - step.age * 10);
            else {
              await storage.close();
              storage = await open(folder, options);
              states.push(known(storage));
            }
          }
          await storage.close();
          const logger = memoryLogger();
          await using last = await open(folder, { ...options, logger });
          expect(logger.lines.filter(({ level }) => level === "warn")).toEqual([]);
          states.push(known(last));
          found.push(states);
          seen.checkpoints += listCheckpoints(join(folder, "wal")).length;
          seen.dropped += names.length - known(last).length;
        }
        expect(found[1]).toEqual(found[0]);
      },
    ),
    { numRuns: 25 },
  );
  expect(seen.checkpoints).toBeGreaterThan(0);
  expect(seen.dropped).toBeGreaterThan(0);
});
