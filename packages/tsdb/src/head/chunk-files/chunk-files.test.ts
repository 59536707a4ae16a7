import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { contentsOf } from "../../testing/contents.ts";
import { type Contents } from "../../testing/reference-model.ts";
import { appendRows } from "../../testing/sample-rows.ts";
import { openTestTsdb } from "../../testing/test-tsdb.ts";
import type { Tsdb } from "../../tsdb.ts";

const SAMPLES = 500;

async function fill(db: Tsdb): Promise<void> {
  for (let i = 0; i < SAMPLES; i++) {
    await appendRows(
      db,
      [0, 1].map((k) => [Labels.of({ __name__: "m", k: `${k}` }), 1_000_000 + i * 15_000, i * (k + 1)]),
    );
  }
}

async function filled(): Promise<{ dir: string; contents: Contents }> {
  const dir = temporaryFolder();
  const db = await openTestTsdb(dir);
  await fill(db);
  const before = await contentsOf(db.queryable);
  await db.maintain();
  expect(readdirSync(join(dir, "chunks_head"))).toEqual(["000001"]);
  const contents = await contentsOf(db.queryable);
  expect(contents).toEqual(before);
  await db.close();
  return { dir, contents };
}

const reopened = async (dir: string): Promise<Contents> => {
  await using db = await openTestTsdb(dir);
  return await contentsOf(db.queryable);
};

test("closed chunks are moved to files and read from there, and a start uses them without replaying their samples", async () => {
  const { dir, contents } = await filled();
  expect(await reopened(dir)).toEqual(contents);
  expect(await reopened(dir)).toEqual(contents);
});

test("if any byte of a chunk file is damaged or its end is missing, the samples come from the log", async () => {
  const { dir, contents } = await filled();
  const path = join(dir, "chunks_head", "000001");
  const intact = readFileSync(path);
  for (const at of [0, 4, 9, 40, 200, intact.length - 2]) {
    const damaged = Buffer.from(intact);
    damaged[at]! ^= 0x10;
    writeFileSync(path, damaged);
    // oxlint-disable-next-line no-await-in-loop -- one folder
    expect(await reopened(dir), `byte ${at}`).toEqual(contents);
    for (const name of readdirSync(join(dir, "chunks_head"))) rmSync(join(dir, "chunks_head", name));
  }
  for (const size of [0, 3, 8, 30, 300, intact.length - 1]) {
    writeFileSync(path, intact.subarray(0, size));
    // oxlint-disable-next-line no-await-in-loop -- one folder
    expect(await reopened(dir), `${size} bytes`).toEqual(contents);
    for (const name of readdirSync(join(dir, "chunks_head"))) rmSync(join(dir, "chunks_head", name));
  }
});
