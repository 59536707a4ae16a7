import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { uvarintSize } from "@narthex/bytes";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diskFiles } from "../../files.ts";
import { systemError } from "../../testing/system-error.ts";
import { ChunkFiles, type ChunkFilesEnd } from "./chunk-files.ts";
import { type ChunkEntry, damageOf, HeadChunkDamage, listHeadChunkFiles, MAX_FILE_BYTES } from "./head-chunk-file.ts";

/** A chunk that the test has written, and its expected location. */
interface Stored {
  readonly entry: ChunkEntry;
  readonly fill: number;
}

type Chunk = Omit<ChunkEntry, "file" | "entryOffset" | "offset"> & { readonly fill: number };

interface StoredFile {
  readonly index: number;
  size: number;
  readonly entries: Stored[];
}

/** The chunk files under test, with a list of the content that they must have. */
class Model {
  files: StoredFile[] = [];
  newest = 0;
  isWriting = false;
  readonly ends: ChunkFilesEnd[] = [{ file: 0, size: 0 }];

  write({ fill, ...chunk }: Chunk): void {
    if (!this.isWriting) this.files.push({ index: ++this.newest, size: 8, entries: [] });
    this.isWriting = true;
    const file = this.files.at(-1)!;
    const offset = file.size + 25 + uvarintSize(chunk.size);
    file.entries.push({ entry: { ...chunk, file: file.index, entryOffset: file.size, offset }, fill });
    file.size = offset + chunk.size + 4;
  }

  get end(): ChunkFilesEnd {
    const last = this.files.at(-1);
    return { file: last?.index ?? 0, size: last?.size ?? 0 };
  }

  /**
   * Predicts the result of truncate(): removes from the model's list the files that truncate() must remove, and returns
   * their numbers.
   */
  truncate(minTime: number, keepFrom: number): number[] {
    this.isWriting = false;
    const isOld = ({ index, entries }: StoredFile): boolean =>
      index < keepFrom && entries.every(({ entry }) => entry.maxTime < minTime);
    const kept = this.files.findIndex((file) => !isOld(file));
    return this.files.splice(0, kept < 0 ? this.files.length : kept).map(({ index }) => index);
  }
}

/** Size in bytes of the smallest possible chunk, which has the number of samples and one sample. */
const SMALLEST_CHUNK_BYTES = 4;
const wide = 2 ** 40;
const chunk = fc.record({
  ref: fc.integer({ min: 1, max: wide }),
  minTime: fc.integer({ min: -wide, max: wide }),
  maxTime: fc.nat(20),
  encoding: fc.integer({ min: 1, max: 6 }),
  outOfOrder: fc.boolean(),
  size: fc.oneof(
    fc.integer({ min: SMALLEST_CHUNK_BYTES, max: 300 }),
    fc.constantFrom(127, 128, 16_384, 700_000, 1_500_000),
  ),
  fill: fc.nat(255),
});
const step = fc.oneof(
  { weight: 4, arbitrary: fc.array(chunk, { minLength: 1, maxLength: 4 }) },
  fc.constantFrom("cut" as const, "finish" as const, "settle" as const),
  fc.record({ zeros: fc.nat(80) }),
  fc.record({ minTime: fc.nat(22), keepFrom: fc.nat(6) }),
);

async function loaded(dir: string): Promise<{ files: ChunkFiles; found: ChunkEntry[] }> {
  const files = new ChunkFiles(dir, diskFiles, memoryLogger());
  const found: ChunkEntry[] = [];
  const asideDir = join(dir, "../aside");
  await files.load((entry) => found.push({ ...entry }), { logsHaveAll: true, asideDir });
  expect(listHeadChunkFiles(asideDir, diskFiles)).toEqual([]);
  return { files, found };
}

function expectSame(files: ChunkFiles, model: Model): void {
  expect(files).toMatchObject({
    end: model.end,
    size: model.files.reduce((sum, { size }) => sum + size, 0),
    oldest: model.files[0]?.index ?? 0,
    newest: model.newest,
    hasFailed: false,
    corruptions: 0,
  });
  const reaches = ({ file, size }: ChunkFilesEnd): boolean =>
    file === 0 || model.files.some((one) => one.index > file || (one.index === file && one.size >= size));
  for (const { file, size } of model.ends)
    for (const end of [size, size + 1].map((bytes) => ({ file, size: bytes })))
      expect(files.reaches(end)).toBe(reaches(end));
  if (!model.isWriting) return;
  const rest = MAX_FILE_BYTES - model.end.size;
  expect([files.isReadyFor(rest), files.isReadyFor(rest + 1)]).toEqual([true, false]);
}

test("after cuts, truncations and starts each written chunk is in its file, at its position", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const dir = join(temporaryFolder(), "chunks");
      const model = new Model();
      let { files } = await loaded(dir);
      let written = 0;
      for (const one of steps) {
        if (typeof one === "object" && "zeros" in one) {
          files.close();
          const last = listHeadChunkFiles(dir, diskFiles).at(-1);
          if (last !== undefined) appendFileSync(last.path, new Uint8Array(one.zeros));
          const again = await loaded(dir);
          model.isWriting = false;
          model.newest = model.end.file;
          files = again.files;
          written = 0;
          const expected = model.files.flatMap(({ entries }) => entries.map(({ entry }) => entry));
          expect(again.found).toEqual(expected);
        } else if (Array.isArray(one)) {
          const places = files.write(
            one.map((item) => ({
              ...item,
              bytes: new Uint8Array(item.size + 3).fill(item.fill, 2, item.size + 2),
              start: 2,
            })),
          );
          for (const item of one) model.write(item);
          written += one.length;
          for (const [i, { file, entryOffset, offset }] of places.entries()) {
            const { fill, entry } = model.files.flatMap(({ entries }) => entries).at(i - places.length)!;
            expect(entry).toMatchObject({ file, entryOffset, offset });
            const bytes = files.reader.read(file, offset, entry.size);
            expect(bytes.length === entry.size && bytes.every((byte) => byte === fill)).toBe(true);
          }
        } else if (typeof one === "object") {
          const gone = files.truncate(one.minTime, one.keepFrom);
          expect(gone).toEqual(model.truncate(one.minTime, one.keepFrom));
          for (const file of gone) await files.remove(file);
        } else {
          if (one === "cut") files.cut();
          else await files[one]();
          if (one !== "settle") model.isWriting = false;
          else if (!model.isWriting) expect(files.isReadyFor(1)).toBe(true);
        }
        model.ends.push(model.end);
        expectSame(files, model);
        expect(files.written).toBe(written);
      }
      files.close();
      expect(listHeadChunkFiles(dir, diskFiles).map(({ index }) => index)).toEqual(
        model.files.map(({ index }) => index),
      );
      for (const { path } of listHeadChunkFiles(dir, diskFiles))
        expect(readFileSync(path).subarray(0, 8).toString("hex")).toBe("0130bc9101000000");
    }),
    { numRuns: 60 },
  );
});

test("an error means damage if the disk cannot read a file back, or if a file in use is missing", () => {
  const damage = new HeadChunkDamage("x");
  expect(damageOf(damage, 3)).toBe(damage);
  for (const code of ["EIO", "EUCLEAN", "EBADMSG"])
    expect(damageOf(systemError(code, "f"), 3)).toMatchObject({ file: 3, code });
  expect(damageOf(systemError("ENOENT", "f"), 3)).toMatchObject({ file: 3, code: "ENOENT" });
  expect(damageOf(systemError("ENOENT", "f"))).toBeUndefined();
  expect(damageOf(systemError("EMFILE", "f"), 3)).toBeUndefined();
});
