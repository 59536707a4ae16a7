import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger, testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { appendRows, timesBetween } from "../testing/sample-rows.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import type { Tsdb } from "../tsdb.ts";

const HOUR = 3_600_000;
const START = 54 * HOUR * 8000;

let opened = 0;

const open = (files: Files): Promise<Tsdb> =>
  openTsdb("/data", {
    clock: new ManualClock(START),
    logger: memoryLogger(),
    files,
    random: seededRandom(++opened),
    lockFile: false,
    maxBlockDurationMs: 2 * HOUR,
  });

test("a flipped bit of a meta.json loses at most that block: the start succeeds, other samples stay, no sample is invented", async () => {
  const prepared = new SimulatedDisk(seededRandom(0));
  const first = await open(prepared.mount());
  for (const time of timesBetween(START, START + 9 * HOUR + 1, HOUR / 12)) {
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await appendRows(first, [["m", time, 0]]);
  }
  await first.compactNow();
  const samples = (await contentsOf(first.queryable)).get('{__name__="m"}')!;
  const { ulid, minTime, maxTime } = first.blocks()[0]!;
  expect(first.blocks().length).toBeGreaterThan(1);
  await first.close();
  const path = `/data/${ulid}/meta.json`;
  const random = seededRandom(testSeed());
  const outcomes = { served: 0, "set aside": 0 };
  const { length } = prepared.mount().readWhole(path);
  for (let at = 0; at < length; at++) {
    // oxlint-disable no-await-in-loop -- one start after the other
    const disk = prepared.copy(seededRandom(0));
    const files = disk.mount();
    const file = files.open(path, "r+");
    const byte = files.readWhole(path)[at]!;
    files.writeAt(file, Uint8Array.of(byte ^ (1 << Math.floor(random() * 8))), at);
    files.close(file);
    const text = Buffer.from(files.readWhole(path)).toString();
    const db = await open(files);
    await db.maintain();
    const found = (await contentsOf(db.queryable)).get('{__name__="m"}')!;
    for (const [time, value] of found) expect(samples.get(time), text).toBe(value);
    const lost = [...samples.keys()].filter((time) => !found.has(time));
    expect(
      lost.filter((time) => time < minTime || time >= maxTime),
      text,
    ).toEqual([]);
    const outcome = db.damagedBlocks().length > 0 ? "set aside" : "served";
    if (outcome === "served") expect(lost, text).toEqual([]);
    outcomes[outcome]++;
    await db.close();
    // oxlint-enable no-await-in-loop
  }
  expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(0);
});
