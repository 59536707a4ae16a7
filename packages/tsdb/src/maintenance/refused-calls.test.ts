import { Labels } from "@narthex/model";
import { seededRandom } from "@narthex/runtime";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { systemError } from "../testing/system-error.ts";
import type { Tsdb } from "../tsdb.ts";

const HOUR = 3_600_000;
/** A boundary of blocks of each length. */
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

/** A disk with a closed database that has a block, and others to be cut and merged. */
async function preparedDisk(): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(seededRandom(0));
  const db = await open(disk.mount());
  const batch = createSampleBatch(2);
  for (let time = START; time <= START + 14 * HOUR; time += HOUR / 6) {
    const app = db.appendable.appender();
    for (batch.count = 0; batch.count < 2; batch.count++) {
      batch.refs[batch.count] = app.series(Labels.of({ __name__: `m${batch.count}` }));
      batch.timestamps[batch.count] = time;
      batch.values[batch.count] = time / HOUR;
    }
    app.append(batch);
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await app.commit();
    // oxlint-disable-next-line no-await-in-loop -- in the middle
    if (time === START + 5 * HOUR) await db.compactNow();
  }
  await db.close();
  return disk;
}

/** Calls from the `nth` on are refused. */
interface Refusal {
  nth: number;
  made: number;
}

/** Files of which the named calls are refused. */
function refusing(files: Files, calls: readonly (keyof Files)[], code: string, refusal: Refusal): Files {
  return new Proxy(files, {
    get(target, name: keyof Files) {
      const call = target[name].bind(target) as (...args: unknown[]) => unknown;
      if (!calls.includes(name)) return call;
      return (...args: unknown[]) => {
        if (++refusal.made >= refusal.nth) throw systemError(code, name);
        return call(...args);
      };
    },
  });
}

const shape = (db: Tsdb): unknown =>
  db.blocks().map(({ minTime, maxTime, compaction }) => [minTime, maxTime, compaction.failed]);

/** Runs some work. Returns undefined if the system refused it; any other failure is the program's. */
async function attempt<T>(code: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    expect(String(cause)).toContain(code);
    return undefined;
  }
}

const CHANGES = ["sync", "syncNow", "syncFolder", "syncFolderNow", "rename", "link", "makeFolder"] as const;

test.each<[code: string, calls: readonly (keyof Files)[]]>([
  ["EMFILE", ["open", "list", "readWhole"]],
  ["ENOSPC", CHANGES],
  ["EDQUOT", CHANGES],
])(
  "%s from any call of a start, a compaction or a query on costs nothing: they succeed when it is over",
  async (code, calls) => {
    const prepared = await preparedDisk();
    const counted = { nth: Infinity, made: 0 };
    const undisturbed = await open(refusing(prepared.copy(seededRandom(0)).mount(), calls, code, counted));
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
      const files = refusing(disk.mount(), calls, code, refusal);
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
