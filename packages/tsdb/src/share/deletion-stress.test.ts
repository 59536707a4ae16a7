import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Labels, Matcher } from "@narthex/model";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { openTsdb } from "../open-tsdb.ts";
import { appendRows } from "../testing/sample-rows.ts";
import type { Tsdb } from "../tsdb.ts";
import type { PrefixOrder, PrefixVerdict } from "./testing-prefix-reader.ts";

const STEP = 60_000;
const BLOCK = 30 * STEP;
const START = BLOCK * 900_000;
const FIRST = START / STEP;
const SERIES = 8;
const STEPS = 700;
const READERS = 2;
/** Number of newest samples of each series that the test never deletes. */
const KEPT = 40;

test("threads that read during appends, cuts, merges, deletions and cleaning never see samples again that were deleted", async () => {
  const dir = temporaryFolder();
  const db = await openTsdb(dir, {
    clock: new ManualClock(),
    logger: memoryLogger(),
    lockFile: false,
    retentionMs: 0,
    minBlockDurationMs: BLOCK,
    maxBlockDurationMs: BLOCK * 9,
  });
  const deletedTo = new Int32Array(new SharedArrayBuffer(SERIES * 4));
  await append(db, 0);
  const shares = Array.from({ length: READERS }, () => db.share());
  const readers = shares.map(({ handles }) => {
    const order: PrefixOrder = { handles, stepMs: STEP, series: SERIES, deletedTo: deletedTo.buffer };
    return new Worker(new URL("./testing-prefix-reader.ts", import.meta.url), { workerData: order });
  });
  await Promise.all(readers.map((reader) => once(reader, "message")));
  // Starts to listen for the readers' results before the first deletion, because a reader that finds a problem reports
  // it and ends early.
  const verdicts = readers.map((reader) => once(reader, "message") as Promise<[PrefixVerdict]>);
  const exits = readers.map((reader) => once(reader, "exit"));
  // Deletions and compactions run concurrently with the appends, since both yield to other work.
  const changes: Promise<void>[] = [];
  for (let step = 1; step < STEPS; step++) {
    // oxlint-disable no-await-in-loop -- the test needs one commit after the other
    await append(db, step);
    if (step % 12 === 0 && step > KEPT) changes.push(deletePrefix(db, (step / 12) % SERIES, step - KEPT, deletedTo));
    if (step % 45 === 0) changes.push(db.compactNow());
    if (step % 160 === 0) changes.push(db.cleanTombstones());
    if (step % 5 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (step % 90 === 0) await Promise.all(changes.splice(0));
  }
  await Promise.all(changes);
  for (const reader of readers) reader.postMessage("stop");
  for (const [{ problems, reads, samples, shortened }] of await Promise.all(verdicts)) {
    expect(problems).toEqual([]);
    expect(reads).toBeGreaterThan(10);
    expect(samples).toBeGreaterThan(1000);
    expect(shortened).toBeGreaterThan(5);
  }
  await Promise.all(exits);
  for (const share of shares) share.release();
  expect(db.blocks().some(({ compaction }) => compaction.level > 1)).toBe(true);
  await db.close();
});

/** Appends one sample with the value `step` to every series. */
async function append(db: Tsdb, step: number): Promise<void> {
  const series = Array.from({ length: SERIES }, (_, i) => Labels.of({ __name__: "steady", i: `${i}` }));
  await appendRows(
    db,
    series.map((labels) => [labels, START + step * STEP, FIRST + step]),
  );
}

/**
 * Deletes the oldest samples of one series, beginning with the oldest block. Then shows the reading threads up to which
 * step samples are deleted.
 */
async function deletePrefix(db: Tsdb, series: number, step: number, deletedTo: Int32Array): Promise<void> {
  await db.deleteSeries([new Matcher("=", "i", `${series}`)], -Infinity, START + step * STEP);
  Atomics.store(deletedTo, series, FIRST + step);
}
