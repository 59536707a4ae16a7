import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { Files, OpenMode } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { refusing } from "../testing/refusing-files.ts";
import { appendRows, timesBetween } from "../testing/sample-rows.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import type { Tsdb } from "../tsdb.ts";

const HOUR = 3_600_000;
/** Time of the first sample, ms. Blocks of every length begin at this time. */
const START = 54 * HOUR * 8000;

const open = (files: Files): Promise<Tsdb> =>
  openTsdb("/data", {
    clock: new ManualClock(START),
    logger: memoryLogger(),
    files,
    random: seededRandom(1),
    lockFile: false,
    retentionMs: 0,
    maxBlockDurationMs: 6 * HOUR,
  });

/**
 * Returns a simulated disk with a closed database. The database has a block, and samples that must be written to a
 * block and merged.
 */
async function preparedDisk(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(seededRandom(0));
  const db = await open(disk.mount());
  for (const time of timesBetween(START, START + 14 * HOUR + 1, HOUR / 6)) {
    const value = time / HOUR;
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await appendRows(db, [
      ["m0", time, value],
      ["m1", time, value],
    ]);
    // oxlint-disable-next-line no-await-in-loop -- the compaction comes between two commits
    if (time === START + 5 * HOUR) await db.compactNow();
  }
  await db.close();
  return disk;
}

/** The number of the first system call that is refused, and the number of calls that were already made. */
interface Refusal {
  nth: number;
  made: number;
}

/** Names of the `Files` methods that change the disk. open() is handled separately. */
const CHANGE = [
  "write",
  "writeAt",
  "copy",
  "makeFolder",
  "sync",
  "syncNow",
  "syncFolder",
  "syncFolderNow",
  "truncate",
  "rename",
  "link",
] as const;

/**
 * Wraps `files` so that it refuses the named calls. The names can also mean opening any file, or opening a new file.
 */
function refusingFrom(
  refusal: Refusal,
  [code, , calls, opens]: readonly [code: string, what: string, calls: readonly (keyof Files)[], opens: "any" | "new"],
  files: Files,
): Files {
  const isRefused = (): boolean => ++refusal.made >= refusal.nth;
  const isRefusedOpen = (_: string, mode: OpenMode): boolean =>
    (opens === "any" || !mode.startsWith("r")) && isRefused();
  return refusing("open", isRefusedOpen, code, refusing(calls, isRefused, code, files));
}

const shape = (db: Tsdb): unknown =>
  db.blocks().map(({ minTime, maxTime, compaction }) => [minTime, maxTime, compaction.failed]);

/** Runs an operation. Returns undefined if the system refused it with the error `code`, and throws any other error. */
async function attempt<T>(code: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    expect(String(cause)).toContain(code);
    return undefined;
  }
}

test.for([
  ["EMFILE", "opens or lists files", ["list", "readWhole"], "any"],
  ["EDQUOT", "changes the disk", CHANGE, "new"],
] as const)(
  "%s from any call on that %s makes no start, compaction or query fail for good: they succeed after the refusal",
  async (refused) => {
    const [code] = refused;
    const prepared = await preparedDisk();
    const counted = { nth: Infinity, made: 0 };
    const undisturbed = await open(refusingFrom(counted, refused, prepared.copy(seededRandom(0)).mount()));
    await undisturbed.maintain();
    const contents = await contentsOf(undisturbed.queryable);
    const blocks = shape(undisturbed);
    const { made } = counted;
    expect(undisturbed.blocks().length).toBeGreaterThan(1);
    await undisturbed.close();
    expect(made).toBeGreaterThan(20);
    for (let nth = 1; nth <= made; nth++) {
      // oxlint-disable no-await-in-loop -- one call after the other is refused
      const disk = prepared.copy(seededRandom(0));
      const refusal = { nth, made: 0 };
      const files = refusingFrom(refusal, refused, disk.mount());
      const heal = (): void => void (refusal.nth = Infinity);
      const started = await attempt(code, () => open(files));
      if (started === undefined) heal();
      const db = started ?? (await open(files));
      const read = (): Promise<unknown> => contentsOf(db.queryable);
      await attempt(code, () => db.maintain());
      expect((await attempt(code, read)) ?? contents, `call ${nth}`).toEqual(contents);
      heal();
      await db.maintain();
      expect([await read(), shape(db)], `call ${nth}`).toEqual([contents, blocks]);
      await db.close();
      const names = disk.mount().list("/data");
      expect(
        names.filter((name) => /damaged|tmp/.test(name)),
        `call ${nth}`,
      ).toEqual([]);
      // oxlint-enable no-await-in-loop
    }
  },
);
