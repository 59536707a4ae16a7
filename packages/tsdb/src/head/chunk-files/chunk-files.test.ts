import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Labels, Matcher } from "@narthex/model";
import { createLogger, systemClock } from "@narthex/runtime";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { afterEach, expect, test } from "vitest";
import { openTsdb } from "../../open-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const logger = createLogger({ level: "error", format: "logfmt", clock: systemClock, write: () => {} });
const SAMPLES = 500;

async function fill(db: Tsdb): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    const app = db.appendable.appender();
    const batch = createSampleBatch(2);
    for (let k = 0; k < 2; k++) {
      batch.refs[k] = app.series(Labels.of({ __name__: "m", k: `${k}` }));
      batch.timestamps[k] = 1_000_000 + i * 15_000;
      batch.values[k] = i * (k + 1);
    }
    batch.count = 2;
    app.append(batch);
    // oxlint-disable-next-line no-await-in-loop -- one commit after the other
    await app.commit();
  }
}

async function read(db: Tsdb): Promise<string> {
  const querier = db.queryable.querier(0, Infinity);
  const set = await querier.select([new Matcher("=", "__name__", "m")], { start: 0, end: Infinity });
  const into = new SampleColumns();
  const found = set.labels.map((labels, i) => {
    set.read(i, 0, Infinity, into);
    return `${String(labels)} ${into.timestamps.subarray(0, into.count).join()} ${into.values.subarray(0, into.count).join()}`;
  });
  querier.close();
  return found.join("\n");
}

async function filled(): Promise<{ dir: string; contents: string }> {
  const dir = mkdtempSync(join(tmpdir(), "narthex-chunks-"));
  dirs.push(dir);
  const db = await openTsdb(dir, { clock: systemClock, logger, lockFile: false });
  await fill(db);
  const before = await read(db);
  await db.maintain();
  expect(readdirSync(join(dir, "chunks_head"))).toEqual(["000001"]);
  const contents = await read(db);
  expect(contents).toBe(before);
  await db.close();
  return { dir, contents };
}

const reopened = async (dir: string): Promise<string> => {
  await using db = await openTsdb(dir, { clock: systemClock, logger, lockFile: false });
  return read(db);
};

test("closed chunks move to files, are read back from there, and a start takes them without replaying their samples", async () => {
  const { dir, contents } = await filled();
  expect(await reopened(dir)).toBe(contents);
  expect(await reopened(dir)).toBe(contents);
});

test("whatever byte of a chunk file is damaged, or how much of it is missing, the log has the samples", async () => {
  const { dir, contents } = await filled();
  const path = join(dir, "chunks_head", "000001");
  const intact = readFileSync(path);
  for (const at of [0, 4, 9, 40, 200, intact.length - 2]) {
    const damaged = Buffer.from(intact);
    damaged[at]! ^= 0x10;
    writeFileSync(path, damaged);
    // oxlint-disable-next-line no-await-in-loop -- one folder
    expect(await reopened(dir), `byte ${at}`).toBe(contents);
    for (const name of readdirSync(join(dir, "chunks_head"))) rmSync(join(dir, "chunks_head", name));
  }
  for (const size of [0, 3, 8, 30, 300, intact.length - 1]) {
    writeFileSync(path, intact.subarray(0, size));
    // oxlint-disable-next-line no-await-in-loop -- one folder
    expect(await reopened(dir), `${size} bytes`).toBe(contents);
    for (const name of readdirSync(join(dir, "chunks_head"))) rmSync(join(dir, "chunks_head", name));
  }
});
