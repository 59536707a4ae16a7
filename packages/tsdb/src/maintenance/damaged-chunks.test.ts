import { expect, test } from "vitest";
import type { Files } from "../files.ts";
import { contentsOf } from "../testing/contents.ts";
import { appendRows, timesBetween } from "../testing/sample-rows.ts";
import { SimulatedDisk } from "../testing/simulated-disk.ts";
import { openTestTsdb } from "../testing/test-tsdb.ts";
import type { Tsdb } from "../tsdb.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Time of the first sample, ms. A two-hour block begins at this time. */
const START = 2 * HOUR * 100_000;
const FILE = "/data/chunks_head/000001";

const open = (files: Files): Promise<Tsdb> => openTestTsdb("/data", { files, walCompression: "none" });

async function append(db: Tsdb, hours: number, firstHour = 0): Promise<void> {
  for (let hour = firstHour; hour < firstHour + hours; hour++) {
    const times = timesBetween(START + hour * HOUR, START + (hour + 1) * HOUR, MINUTE);
    await appendRows(
      db,
      times.map((time) => ["a", time, hour]),
    );
  }
}

test("the error for a chunk file that is damaged while the database runs says what to do, and a restart has all samples", async () => {
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
});
