import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { createSampleBatch } from "@narthex/storage";
import { expect, onTestFinished, test } from "vitest";
import { diskFiles } from "./files.ts";
import { openTsdb } from "./open-tsdb.ts";
import { contentsOf } from "./testing/contents.ts";
import type { Tsdb } from "./tsdb.ts";

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "narthex-tsdb-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function append(db: Tsdb, name: string, time: number): Promise<void> {
  const appender = db.appendable.appender();
  const batch = createSampleBatch(1);
  batch.refs[0] = appender.series(Labels.of({ __name__: name }));
  batch.timestamps[0] = time;
  batch.values[0] = 1;
  batch.count = 1;
  appender.append(batch);
  await appender.commit();
}

/** A bit of the record that holds `text` falls over. */
function damage(path: string, text: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.indexOf(text)]! ^= 1;
  writeFileSync(path, bytes);
}

test("what a disk loses while its log is repaired is not taken for there", async () => {
  const dir = folder();
  const first = await openTsdb(dir, { clock: new ManualClock(), logger: memoryLogger(), walCompression: "none" });
  for (const name of ["aaaa", "bbbb", "cccc", "dddd"]) await append(first, name, 1000);
  await first.close();
  const segment = join(dir, "wal", "00000000");
  damage(segment, "aaaa");
  const logger = memoryLogger();
  let worse = false;
  const db = await openTsdb(dir, {
    clock: new ManualClock(),
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
    "the WAL was damaged further while it was repaired; it is replayed anew",
  );
  for (const name of ["bbbb", "cccc"]) await append(db, name, 2000);
  const killed = folder();
  cpSync(dir, killed, { recursive: true });
  await db.close();
  const last = await openTsdb(killed, { clock: new ManualClock(), logger: memoryLogger() });
  expect([...(await contentsOf(last.queryable))].map(([name, samples]) => [name, [...samples.keys()]])).toEqual([
    ['{__name__="bbbb"}', [1000, 2000]],
    ['{__name__="cccc"}', [2000]],
    ['{__name__="dddd"}', [1000]],
  ]);
  await last.close();
});
