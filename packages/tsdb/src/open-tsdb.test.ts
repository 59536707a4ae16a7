import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "./files.ts";
import { contentsOf } from "./testing/contents.ts";
import { appendRows } from "./testing/sample-rows.ts";
import { copyOf, openTestTsdb } from "./testing/test-tsdb.ts";
import { WalWriter } from "./wal/writer.ts";

/** Damages a file: flips a bit of the record that contains `text`. */
function damage(path: string, text: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(text)]! ^= 1;
  writeFileSync(path, bytes);
}

test("records that the disk loses during the repair of the log are not restored into the head", async () => {
  const dir = temporaryFolder();
  const first = await openTestTsdb(dir, { walCompression: "none" });
  for (const name of ["aaaa", "bbbb", "cccc", "dddd"]) await appendRows(first, [[name, 1000, 1]]);
  await first.close();
  const segment = join(dir, "wal", "00000000");
  damage(segment, "aaaa");
  const logger = memoryLogger();
  let worse = false;
  const db = await openTestTsdb(dir, {
    logger,
    walCompression: "none",
    files: {
      ...diskFiles,
      copy(from, to) {
        diskFiles.copy(from, to);
        if (from === segment && !worse) damage(segment, "cccc");
        worse = true;
      },
    },
  });
  expect(logger.lines.map(({ message }) => message)).toContain(
    "the WAL was damaged again while it was repaired; it is replayed again",
  );
  for (const name of ["bbbb", "cccc"]) await appendRows(db, [[name, 2000, 1]]);
  const killed = copyOf(dir);
  await db.close();
  const last = await openTestTsdb(killed);
  expect([...(await contentsOf(last.queryable))].map(([name, samples]) => [name, [...samples.keys()]])).toEqual([
    ['{__name__="bbbb"}', [1000, 2000]],
    ['{__name__="cccc"}', [2000]],
    ['{__name__="dddd"}', [1000]],
  ]);
});

test("a start counts unreadable records of both logs as damage", async () => {
  const dir = temporaryFolder();
  for (const [log, records] of [
    ["wal", 2],
    ["wbl", 1],
  ] as const) {
    const wal = new WalWriter(join(dir, log));
    for (let i = 0; i < records; i++) wal.log(Uint8Array.of(2, 1));
    await wal.close();
  }
  const db = await openTestTsdb(dir, { outOfOrderTimeWindowMs: 1000 });
  expect(db.corruptions).toBe(3);
});
