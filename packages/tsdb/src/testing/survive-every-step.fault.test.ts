import { Labels, Matcher } from "@narthex/model";
import { testCases, testSeed } from "@narthex/runtime/testing";
import { type Appendable, createSampleBatch } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Tsdb } from "../tsdb.ts";
import type { Files } from "../files.ts";
import { folderContents } from "./copied-blocks.ts";
import type { SimulatedDisk } from "./index.ts";
import { DATA_DIR, type Interruption, type Opened, type Scenario, surviveEveryStep } from "./survive-every-step.ts";

const HOUR = 3_600_000;
const STEP = 5 * 60_000;
/** At the beginning of a block of each length. */
const START = 54 * HOUR * 8000;
const NAMES = ["a", "b", "c"];

async function fill(storage: Appendable, to: number, step: number): Promise<void> {
  for (let time = START; time <= to; time += step) {
    const app = storage.appender();
    const batch = createSampleBatch(NAMES.length);
    for (const [i, name] of NAMES.entries()) {
      batch.refs[i] = app.series(Labels.of({ __name__: name }));
      batch.timestamps[i] = time;
      batch.values[i] = i + time / HOUR;
    }
    batch.count = NAMES.length;
    app.append(batch);
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await app.commit();
  }
}

const filled =
  (hours: number, step = STEP) =>
  (db: Tsdb) =>
    fill(db.appendable, START + hours * HOUR, step);

const cut = (hours: number, step?: number) => async (db: Tsdb) => {
  await filled(hours, step)(db);
  await db.compactNow();
};

/** Begin and end of each block, hours from START. A block that was written twice is merged, so that levels may differ. */
const shape = ({ db }: Opened): unknown =>
  db.blocks().map(({ minTime, maxTime }) => [minTime, maxTime].map((time) => (time - START) / HOUR));

const SMALL_LOG = { walSegmentBytes: 32 * 1024 };
const HOURLY = [{ matchers: [], levels: [{ resolutionMs: HOUR, retentionMs: 0 }] }];

/** Spoils a byte in the middle of the log's first segment that has records. */
function damageLog(disk: SimulatedDisk): void {
  const files = disk.mount();
  const segment = files
    .list(`${DATA_DIR}/wal`)
    .map((name) => `${DATA_DIR}/wal/${name}`)
    .find((path) => files.stat(path).size > 0)!;
  const file = files.open(segment, "r+");
  files.writeAt(file, Uint8Array.of(99), Math.floor(files.stat(segment).size / 2));
  files.close(file);
}

const snapshotsOn = (files: Files): string[] =>
  files
    .list("/")
    .filter((name) => name.startsWith("snapshot"))
    .map((name) => `/${name}`);

/** Work on a folder of which every step is a crash point. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "blocks are cut and merged": {
    options: SMALL_LOG,
    prepare: filled(9),
    work: ({ db }) => db.compactNow(),
    outcome: shape,
  },
  "samples of blocks and of the head are deleted": {
    // Otherwise an acknowledged deletion outlives a kill, and a power cut only a moment later.
    options: { walFsync: "always" },
    prepare: cut(9),
    work: ({ db }) => db.deleteSeries([new Matcher("=~", "__name__", "a|b")], START + HOUR, START + 9 * HOUR),
  },
  "deleted samples are cleaned from blocks": {
    async prepare(db) {
      await cut(9)(db);
      await db.deleteSeries([new Matcher("=~", "__name__", "a|b")], START + HOUR, START + 5 * HOUR);
    },
    work: ({ db }) => db.cleanTombstones(),
    outcome: ({ db }) => db.blocks().filter(({ stats }) => (stats?.numTombstones ?? 0) > 0).length,
  },
  "a snapshot is taken": {
    prepare: cut(9),
    work: ({ db, files }) => db.snapshot(`/snapshot${snapshotsOn(files).length}`, true),
    outcome: async ({ files }) =>
      [...(await folderContents(snapshotsOn(files).at(-1)!, files, START))].map(([series, samples]) => [
        series,
        [...samples],
      ]),
  },
  "a memory snapshot is taken": {
    options: { memorySnapshotIntervalMs: 1 },
    prepare: filled(1),
    async work({ db, clock }) {
      await clock.advance(1);
      await db.maintain();
    },
    outcome: ({ files }) => files.list(DATA_DIR).filter((name) => name.startsWith("chunk_snapshot.")).length,
  },
  "blocks are downsampled": {
    options: { downsampling: HOURLY, maxBlockDurationMs: 2 * HOUR },
    prepareOptions: { maxBlockDurationMs: 2 * HOUR },
    outcome: ({ db }) => db.collect()["narthex_tsdb_downsampled_blocks"],
    prepare: cut(9, STEP / 5),
    work: ({ db }) => db.maintain(),
  },
  "blocks become cold": {
    options: { coldAfterMs: HOUR, maxBlockDurationMs: 6 * HOUR },
    prepareOptions: { maxBlockDurationMs: 6 * HOUR },
    prepare: cut(14),
    work: ({ db }) => db.maintain(),
    outcome: ({ db }) => db.collect()["narthex_tsdb_cold_blocks"],
  },
  "a damaged log is repaired": { prepare: filled(9), damage: damageLog, work: () => Promise.resolve() },
};

const INTERRUPTIONS: readonly Interruption[] = ["kill", "power cut", "full disk", "refusal", "end of the thread"];

test.each(Object.keys(SCENARIOS).flatMap((name) => INTERRUPTIONS.map((interruption) => [name, interruption] as const)))(
  "%s: %s at any step loses nothing",
  { timeout: 600_000 },
  async (name, interruption) => {
    const steps = await surviveEveryStep(SCENARIOS[name]!, interruption, {
      seed: testSeed(0),
      powerCuts: testCases(2, 6),
    });
    expect(steps).toBeGreaterThan(5);
  },
);
