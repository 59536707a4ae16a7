import { readdirSync } from "node:fs";
import { join } from "node:path";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { diskFiles, type Files } from "../../files.ts";
import { refusing } from "../../testing/refusing-files.ts";
import { appendRows } from "../../testing/sample-rows.ts";
import { systemError } from "../../testing/system-error.ts";
import { Head } from "../head.ts";
import { ChunkFiles } from "./chunk-files.ts";
import type { StoredChunks } from "./stored-chunks.ts";
import { truncateHead } from "../truncate.ts";

const MINUTE_MS = 60_000;

function headWithFiles(files: Files = diskFiles): { head: Head; stored: StoredChunks } {
  return headOn(join(temporaryFolder(), "chunks_head"), files);
}

function headOn(dir: string, files: Files): { head: Head; stored: StoredChunks } {
  const head = new Head(0, undefined, { chunkFiles: new ChunkFiles(dir, files, memoryLogger()) });
  return { head, stored: head.stored! };
}

const load = (stored: StoredChunks, logsHaveAll = true, onDamage?: () => void): Promise<void> =>
  stored.load({ logsHaveAll, asideDir: join(stored.files.dir, "../aside"), onDamage });

async function append(head: Head, names: readonly number[], from: number, to: number): Promise<void> {
  for (let time = from; time < to; time += MINUTE_MS) {
    await appendRows(
      head,
      names.map((name) => [`m${name}`, time, time + name]),
    );
  }
}

/** Returns the number of closed chunks of in-order samples that are not in a file yet. */
function inMemory({ memory: { series, chunks } }: Head): number {
  let count = 0;
  for (let row = 1; row < series.end; row++) {
    for (let id = series.at.firstChunk[row]!; id !== 0; id = chunks.next[id]!) if (chunks.fileOf(id) === 0) count++;
  }
  return count;
}

test("storeNow() visits only the series whose chunks it stores, however many other series there are", async () => {
  const { head, stored } = headWithFiles();
  await load(stored);
  const names = Array.from({ length: 3000 }, (_, i) => i);
  // Chunks end at two hours (120 min), so the samples after two hours close the first chunk of every series.
  await append(head, names, 118 * MINUTE_MS, 122 * MINUTE_MS);
  stored.storeNow();
  expect(inMemory(head)).toBe(0);
  await append(head, [5, 77], 239 * MINUTE_MS, 242 * MINUTE_MS);
  const looks = vi.spyOn(head.memory.chunks, "fileOf");
  stored.storeNow();
  expect(looks.mock.calls.length).toBeLessThan(20);
  looks.mockRestore();
  expect(inMemory(head)).toBe(0);
  expect(stored.allStored).toBe(true);
  stored.files.close();
});

test("store() leaves no closed chunk in memory after any appends, removals and failures", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("append", "store", "storeNow", "fail", "truncate", "empty"), {
        minLength: 1,
        maxLength: 25,
      }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 25 }),
      async (steps, names) => {
        let fails = false;
        const { head, stored } = headWithFiles(refusing("write", () => fails));
        await load(stored);
        let time = 0;
        for (const [i, step] of steps.entries()) {
          if (step === "append") {
            await append(head, [names[i % names.length]!, 9], time, time + 70 * MINUTE_MS);
            time += 70 * MINUTE_MS;
          } else if (step === "truncate") await truncateHead(head, time - 180 * MINUTE_MS);
          else if (step === "empty") await truncateHead(head, time);
          else {
            fails = step === "fail";
            if (step === "storeNow") stored.storeNow();
            else await stored.store();
            if (!fails) expect([inMemory(head), head.memory.chunks.inMemory]).toEqual([0, 0]);
          }
        }
        fails = false;
        await stored.store();
        expect([inMemory(head), head.memory.chunks.inMemory]).toEqual([0, 0]);
        stored.files.close();
      },
    ),
    // The fixed example removes chunks of a series before they are stored ("empty"). Later samples of this series, or
    // of another series in the same row, then close new chunks.
    { numRuns: 60, examples: [[["append", "append", "append", "empty", "append", "append", "append", "store"], [0]]] },
  ));

test("millions of series whose chunks wait for files are visited once", async () => {
  const { head, stored } = headWithFiles();
  await load(stored);
  await append(head, [1], 118 * MINUTE_MS, 119 * MINUTE_MS);
  // Fills the list with row 0. Row 0 belongs to no series, but the code processes it like any other row.
  head.memory.chunks.unstored = Array.from({ length: 4_000_000 }, () => 0);
  await stored.store();
  expect(head.memory.chunks.unstored).toEqual([]);
  stored.files.close();
});

test("if the disk refuses a batch after a part of it, the files contain no part of the batch", async () => {
  let isFull = false;
  let writes = 0;
  const files = refusing("write", () => isFull && ++writes > 1);
  const { head, stored } = headWithFiles(files);
  await load(stored);
  await append(head, [1], 118 * MINUTE_MS, 122 * MINUTE_MS);
  stored.storeNow();
  const { newest } = stored.files;
  const bytes = new Uint8Array(400_000);
  const chunk = { ref: 9, minTime: 0, maxTime: 1, encoding: 1, outOfOrder: false, bytes, start: 0, size: bytes.length };
  isFull = true;
  expect(() => stored.files.write([chunk, chunk, chunk, chunk])).toThrow("ENOSPC");
  expect(writes).toBeGreaterThan(1);
  isFull = false;
  stored.files.close();
  const again = headOn(stored.files.dir, diskFiles).stored;
  await load(again);
  expect([again.files.newest, again.loaded.count, again.files.corruptions]).toEqual([newest, 1, 0]);
  again.files.close();
});

test("a file that the disk cannot read is moved to another folder if the logs have all samples, and otherwise stays", async () => {
  const { head, stored } = headWithFiles();
  await load(stored);
  await append(head, [1], 118 * MINUTE_MS, 122 * MINUTE_MS);
  stored.storeNow();
  stored.files.close();
  const files: Files = {
    ...diskFiles,
    read() {
      throw systemError("EIO", "chunks_head");
    },
    readLater: () => Promise.reject(systemError("EIO", "chunks_head")),
  };
  const { dir } = stored.files;
  let damages = 0;
  const refused = headOn(dir, files).stored;
  const cause = await load(refused, false, () => damages++).catch((error: unknown) => error);
  expect(cause).toMatchObject({
    code: "EIO",
    message: expect.stringMatching(
      /000001 cannot be read \(EIO.*\), and the WAL may lack some of its samples.*\. Repair the disk/,
    ),
  });
  expect([damages, readdirSync(dir)]).toEqual([0, ["000001"]]);

  const again = headOn(dir, files).stored;
  await load(again, true, () => damages++);
  expect([damages, again.files.corruptions, again.loaded.count]).toEqual([1, 1, 0]);
  expect([readdirSync(dir), readdirSync(join(dir, "../aside"))]).toEqual([[], ["chunks_head-000001"]]);
});
