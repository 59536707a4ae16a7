import { Labels } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger, temporaryFolder, testCases, testSeed } from "@narthex/runtime/testing";
import { type Appender, createSampleBatch, OUTCOME_OK } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { openTsdb } from "./open-tsdb.ts";
import { contentsOf, floatText, histogramText } from "./testing/contents.ts";
import { difference } from "./testing/copied-blocks.ts";
import type { Contents } from "./testing/reference-model.ts";
import { refusing } from "./testing/refusing-files.ts";
import type { Tsdb } from "./tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Time of the first sample, ms. A two-hour block begins at this time. */
const START = 2 * HOUR * 100_000;

let dir: string;
let isFull: boolean;
/** Current wall clock time of the simulated process, ms. */
let wall: number;
beforeEach(() => {
  wall = START;
  dir = temporaryFolder();
  isFull = false;
});

/** Files of the simulated disk. While `isFull` is true, the disk refuses to create chunk files. */
const files = refusing("open", (path, mode) => isFull && mode === "ax" && path.includes("chunks_head"));

const open = (): Promise<Tsdb> =>
  openTsdb(dir, {
    clock: new ManualClock((wall += MINUTE)),
    logger: memoryLogger(),
    files,
    lockFile: false,
    outOfOrderTimeWindowMs: 100 * HOUR,
    retentionMs: 0,
  });

/** Records the first sample of each series and time. All later reads must return exactly these samples. */
class FirstSamples {
  readonly #series = new Map<string, Map<number, string>>();

  take(name: string, time: number, value: string): void {
    const key = `{__name__="${name}"}`;
    if (!this.#series.has(key)) this.#series.set(key, new Map());
    const samples = this.#series.get(key)!;
    if (!samples.has(time)) samples.set(time, value);
  }

  get all(): Contents {
    return this.#series;
  }
}

async function mustHold(db: Tsdb, model: FirstSamples, when: string): Promise<void> {
  expect(difference(model.all, await contentsOf(db.queryable)), when).toBeUndefined();
}

const words = new Uint32Array(2);
const value = new Float64Array(words.buffer);
function textOf(number: number): string {
  value[0] = number;
  return floatText(words[1]!, words[0]!);
}

function appendFloats(app: Appender, model: FirstSamples, name: string, samples: readonly [number, number][]): void {
  const batch = createSampleBatch(samples.length);
  batch.refs.fill(app.series(Labels.of({ __name__: name })));
  for (const [i, [time, number]] of samples.entries()) {
    batch.timestamps[i] = time;
    batch.values[i] = number;
  }
  batch.count = samples.length;
  app.append(batch);
  for (const [i, [time, number]] of samples.entries()) {
    if (batch.outcomes[i] === OUTCOME_OK) model.take(name, time, textOf(number));
  }
}

function appendHistogram(app: Appender, model: FirstSamples, name: string, time: number, count: number): void {
  const histogram = histogramOf(count, { integer: count % 2 === 0 });
  const ref = app.series(Labels.of({ __name__: name }));
  if (app.appendHistogram(ref, time, histogram) === OUTCOME_OK) model.take(name, time, histogramText(histogram));
}

async function floats(db: Tsdb, model: FirstSamples, name: string, samples: readonly [number, number][]) {
  const app = db.appendable.appender();
  appendFloats(app, model, name, samples);
  await app.commit();
}

/** Returns one in-order sample per minute, all with the value `number`. */
const minutes = (from: number, to: number, number: number): [number, number][] =>
  Array.from({ length: (to - from) / MINUTE }, (_, i) => [from + i * MINUTE, number]);

describe("if several samples have one timestamp, the first is read: in the head, from blocks, after a merge and a restart", () => {
  test("out-of-order samples of different chunks", async () => {
    const model = new FirstSamples();
    let db = await open();
    await floats(db, model, "m", [[START + HOUR, 0]]);
    for (const number of [1, 2, 3]) await floats(db, model, "m", minutes(START, START + 40 * MINUTE, number));
    await mustHold(db, model, "in the head");
    await db.close();
    db = await open();
    await mustHold(db, model, "after a restart");
    await floats(db, model, "m", minutes(START + HOUR, START + 6 * HOUR, 4));
    await db.compactNow();
    await mustHold(db, model, "in blocks");
    await db.close();
  });

  test("out-of-order samples, of which the disk refused the first", async () => {
    const model = new FirstSamples();
    let db = await open();
    await floats(db, model, "m", [[START + HOUR, 0]]);
    isFull = true;
    await floats(db, model, "m", minutes(START, START + 40 * MINUTE, 1));
    isFull = false;
    await floats(db, model, "m", minutes(START, START + 50 * MINUTE, 2));
    for (let start = 0; start < 2; start++) {
      await db.close();
      db = await open();
      await mustHold(db, model, `start ${start}`);
    }
    await db.close();
  });

  test("an out-of-order sample and one in order that the head still has", async () => {
    const model = new FirstSamples();
    let db = await open();
    await floats(db, model, "m", minutes(START, START + 6 * HOUR, 1));
    await floats(db, model, "m", minutes(START + 270 * MINUTE, START + 350 * MINUTE, 2));
    await mustHold(db, model, "in the head");
    await db.compactNow();
    expect(db.blocks().some(({ compaction }) => compaction.hints?.includes("from-out-of-order"))).toBe(false);
    await mustHold(db, model, "late ones in blocks");
    await floats(db, model, "m", [
      [START + 281 * MINUTE + 1, 3],
      [START + 281 * MINUTE, 3],
    ]);
    await floats(db, model, "m", minutes(START + 6 * HOUR, START + 8 * HOUR, 4));
    await db.compactNow();
    await mustHold(db, model, "all in blocks");
    await db.close();
    db = await open();
    await mustHold(db, model, "after a restart");
    await db.close();
  });

  test("an out-of-order sample and one in a block", async () => {
    const model = new FirstSamples();
    let db = await open();
    // The head's block begins at START + 10 min. The block of out-of-order samples, which is written later, begins
    // earlier, at the aligned time START.
    await floats(db, model, "m", minutes(START + 10 * MINUTE, START + 4 * HOUR, 1));
    await db.compactNow();
    expect(db.blocks()).toHaveLength(1);
    await floats(db, model, "m", minutes(START + 5 * MINUTE, START + 20 * MINUTE, 2));
    await mustHold(db, model, "late one in the head");
    await db.close();
    db = await open();
    await mustHold(db, model, "after a restart");
    await floats(db, model, "m", minutes(START + 4 * HOUR, START + 6 * HOUR, 3));
    await db.compactNow();
    await mustHold(db, model, "in blocks");
    await db.close();
  });

  test("out-of-order samples of two blocks, if the wall clock goes back in between", async () => {
    const model = new FirstSamples();
    const late = minutes(START + 10 * MINUTE + 1, START + 40 * MINUTE + 1, 2);
    let db = await open();
    await floats(db, model, "m", minutes(START + 2 * HOUR, START + 6 * HOUR, 1));
    await floats(db, model, "m", late);
    await db.compactNow();
    await db.close();
    wall -= HOUR;
    db = await open();
    const again = late.map(([time]): [number, number] => [time, 3]);
    await floats(db, model, "m", again);
    await floats(db, model, "m", minutes(START + 6 * HOUR, START + 8 * HOUR, 4));
    await db.compactNow();
    await mustHold(db, model, "in blocks");
    await db.close();
  });

  test("a float and histograms of one commit", async () => {
    const model = new FirstSamples();
    let db = await open();
    await floats(db, model, "m", [[START + HOUR, 0]]);
    for (let round = 0; round < 3; round++) {
      const app = db.appendable.appender();
      const at = START + round * 10 * MINUTE;
      appendHistogram(app, model, "m", at, 3);
      appendHistogram(app, model, "m", at, 2);
      appendFloats(app, model, "m", [
        [at, 1],
        [at + 1, 1],
      ]);
      appendHistogram(app, model, "m", at + 1, 2);
      await app.commit();
    }
    await mustHold(db, model, "in the head");
    await db.close();
    db = await open();
    await mustHold(db, model, "after a restart");
    await db.close();
  });

  test("a float and a histogram in order, of one commit whose samples are compared with committed ones", async () => {
    let db = await open();
    const app = db.appendable.appender({ ordersByCommitted: true });
    const attempts = new FirstSamples();
    for (const [name, histogramFirst] of [
      ["histogram first", true],
      ["float first", false],
    ] as const) {
      if (histogramFirst) appendHistogram(app, attempts, name, START, 2);
      appendFloats(app, attempts, name, [[START, 1]]);
      if (!histogramFirst) appendHistogram(app, attempts, name, START, 2);
    }
    await app.commit();
    await mustHold(db, attempts, "in the head");
    await db.close();
    db = await open();
    await mustHold(db, attempts, "after a restart");
    await db.close();
  });

  test.for(Array.from({ length: testCases(5, 12) }, (_, i) => testSeed(0) + i))(
    "random samples (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const below = (limit: number): number => Math.floor(random() * limit);
      const model = new FirstSamples();
      let db = await open();
      let now = START + 10 * MINUTE;
      let number = 0;
      for (let round = 0; round < 60; round++) {
        const app = db.appendable.appender();
        isFull = random() < 0.2;
        for (let i = below(60); i > 0; i--) {
          const name = "abc"[below(3)]!;
          const time = random() < 0.5 ? now : now - below(random() < 0.5 ? 40 : 400) * MINUTE;
          if (random() < 0.3) appendHistogram(app, model, name, time, 1 + below(9));
          else appendFloats(app, model, name, [[time, number++]]);
          if (random() < 0.1) now += MINUTE;
        }
        await app.commit();
        now += below(20) * MINUTE;
        if (random() < 0.15) await db.maintain();
        if (random() < 0.15) {
          await db.close();
          db = await open();
        }
        await mustHold(db, model, `round ${round}`);
      }
      await db.close();
    },
  );
});
