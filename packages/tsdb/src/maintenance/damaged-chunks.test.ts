import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { openTsdb } from "../open-tsdb.ts";
import { contentsOf } from "../testing/contents.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import type { Tsdb } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A boundary of blocks of two hours. */
const START = 2 * HOUR * 100_000;
const FILE = "/data/chunks_head/000001";

const open = (files: Files): Promise<Tsdb> =>
  openTsdb("/data", {
    clock: new ManualClock(),
    logger: memoryLogger(),
    files,
    lockFile: false,
    walCompression: "none",
  });

async function append(db: Tsdb, hours: number, firstHour = 0): Promise<void> {
  for (let hour = firstHour; hour < firstHour + hours; hour++) {
    const app = db.appendable.appender();
    const batch = createSampleBatch(60);
    batch.refs.fill(app.series(Labels.of({ __name__: "a" })));
    batch.timestamps.set(Array.from({ length: 60 }, (_, i) => START + hour * HOUR + i * MINUTE));
    batch.values.fill(hour);
    batch.count = 60;
    app.append(batch);
    await app.commit();
  }
}

test("a chunk file that is damaged while the database runs is named with the remedy, and the restart has all samples", async () => {
  const files = new SimulatedDisk(() => 0.5).mount();
  const db = await open(files);
  await append(db, 3);
  await db.maintain();
  const bytes = files.readWhole(FILE);
  const at = bytes.length - 12;
  const file = files.open(FILE, "r+");
  files.writeAt(file, Uint8Array.of(bytes[at]! ^ 0x10), at);
  files.close(file);
  await append(db, 2, 3);
  await expect(contentsOf(db.queryable)).rejects.toThrow(
    /checksum mismatch at \d+ of .*000001; restart the server: the start sets this file and later ones aside/,
  );
  await db.close();

  const again = await open(files);
  await again.maintain();
  const contents = await contentsOf(again.queryable);
  expect(contents.get('{__name__="a"}')?.size).toBe(5 * 60);
  expect(files.list("/data/wal-damaged")).toEqual(["chunks_head-000001"]);
  expect(files.list("/data").filter((name) => /^[0-9A-Z]{26}$/.test(name))).toHaveLength(1);
  await again.close();
});
