import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { SampleColumns } from "@narthex/storage";
import { histogramOf } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { ListedSource } from "../testing/listed-series.ts";
import { BlockError, isLasting, isOfContents } from "./block-error.ts";
import { decodeChunk } from "./decode-chunk.ts";
import { openBlock } from "./open-block.ts";
import { PageCache, PagedFile } from "./page-cache.ts";
import { SeriesEntry } from "./series-entry.ts";
import { writeBlock } from "./write-block.ts";

const dir = temporaryFolder();
const ulid = `01DAMAGE${"0".repeat(18)}`;
const path = join(dir, ulid);
const series = Array.from({ length: 5 }, (_, i) => ({
  labels: Labels.of({ __name__: i < 2 ? "up" : "down", instance: `h${i}` }),
  samples: Array.from({ length: 9 }, (__, k) => [k * 1000 + i, i === 3 ? histogramOf(3, { sum: k }) : i * k] as const),
}));
writeBlock(
  dir,
  { ulid, minTime: 0, maxTime: 1e5, compaction: { level: 1, sources: [ulid] } },
  new ListedSource(series),
  diskFiles,
);
const opened = openBlock(path, { files: diskFiles });
await opened.replaceTombstones(new Map([[opened.allPostings()[2]!, [{ minTime: 1, maxTime: 2000 }]]]));
opened.close();

/** Opens the block and returns its whole content as text. */
function everything(files: Files = diskFiles): string {
  const block = openBlock(path, { files });
  try {
    const contents: unknown[] = [block.labelNames(), [...block.tombstones]];
    for (const name of block.labelNames()) {
      for (const value of block.labelValues(name)) contents.push(value, [...block.postings(name, value)]);
    }
    const entry = new SeriesEntry();
    const reader = block.chunkReader();
    const chunk = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
    for (const ref of block.allPostings()) {
      block.series(ref, entry);
      for (let i = 0; i < entry.labelCount * 2; i++) contents.push(block.symbol(entry.labels[i]!));
      const columns = new SampleColumns();
      for (let i = 0; i < entry.chunkCount; i++) {
        reader.read(entry.chunkRef[i]!, chunk);
        decodeChunk(chunk, -Infinity, Infinity, columns);
      }
      contents.push([...columns.timestamps.subarray(0, columns.count)], [...columns.values.subarray(0, columns.count)]);
      contents.push(columns.histograms?.map((histogram) => histogram && [...histogram.positiveBuckets, histogram.sum]));
    }
    return JSON.stringify(contents);
  } finally {
    block.close();
  }
}

const whole = everything();

/**
 * Opens the block, one of whose files is damaged. Returns the content, or "refused" if a BlockError names a file of the
 * block.
 */
function answer(): string {
  try {
    return everything();
  } catch (cause) {
    if (!(cause instanceof BlockError)) throw cause;
    expect(cause.file.startsWith(path)).toBe(true);
    expect(cause.message).toBe(`${cause.file} at ${cause.offset}: ${cause.reason}`);
    return "refused";
  }
}

for (const name of ["index", "chunks/000001", "tombstones"]) {
  test(`${name}: any changed byte is noticed, or does not change the content`, () => {
    const file = join(path, name);
    const bytes = readFileSync(file);
    let refused = 0;
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = damaged[at]! ^ [0x01, 0x80, 0xff][at % 3]!;
      writeFileSync(file, damaged);
      const contents = answer();
      if (contents === "refused") refused++;
      else expect(contents).toBe(whole);
    }
    writeFileSync(file, bytes);
    expect(refused).toBeGreaterThan(bytes.length / 2);
    expect(everything()).toBe(whole);
  });

  test(`${name}: a file that is cut off at any place is refused`, () => {
    const file = join(path, name);
    const bytes = readFileSync(file);
    for (let size = 0; size < bytes.length; size += size < 64 ? 1 : 13) {
      writeFileSync(file, bytes);
      truncateSync(file, size);
      expect([size, answer()]).toEqual([size, "refused"]);
    }
    writeFileSync(file, bytes);
  });
}

test("a block without a segment, index or meta.json is refused, and the error names the missing file", () => {
  for (const name of ["chunks", "index", "meta.json"]) {
    cpSync(path, join(dir, "spare"), { recursive: true });
    rmSync(join(path, name), { recursive: true });
    expect(answer()).toBe("refused");
    rmSync(path, { recursive: true });
    cpSync(join(dir, "spare"), path, { recursive: true });
  }
});

test("openBlock() fails if the last chunks are cut off or their segment is missing", () => {
  const file = join(path, "chunks/000001");
  const bytes = readFileSync(file);
  truncateSync(file, bytes.length - 1);
  expect(() => openBlock(path, { files: diskFiles })).toThrow(`${file} at `);
  rmSync(file);
  expect(() => openBlock(path, { files: diskFiles })).toThrow("no such segment");
  writeFileSync(file, bytes);
});

test("a single wrong read while a block is opened, at any place, does not change the content", () => {
  const expected = everything();
  let reads = 0;
  let wrong = -1;
  const files: Files = {
    ...diskFiles,
    read(file, into, position) {
      const count = diskFiles.read(file, into, position);
      if (reads++ === wrong && count > 0) into[(wrong * 7919) % count]! ^= 4;
      return count;
    },
  };
  openBlock(path, { files }).close();
  const total = reads;
  expect(total).toBeGreaterThan(2);
  for (wrong = 0; wrong < total; wrong++) {
    reads = 0;
    expect(everything(files)).toBe(expected);
  }
});

test("if a checked part of a file changes on the disk, reading it again fails", () => {
  const name = join(dir, "paged");
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251));
  writeFileSync(name, bytes);
  const file = new PagedFile(name, diskFiles, new PageCache());
  const [start, end] = [1000, 90_000];
  expect([...file.guard(start, end, crc32c(bytes, start, end))]).toEqual([]);
  bytes[40_000]! ^= 1;
  writeFileSync(name, bytes);
  expect(() => file.fail(0, "something else was wrong")).toThrow(BlockError);
  file.view(2000, 10);
  expect(() => file.view(40_100, 10)).toThrow(BlockError);
  file.close();
});

test("errors in a block's contents are lasting, errors of the system and of threads may pass", () => {
  const named = (name: string, rest: object = {}): Error => Object.assign(new Error("wrong"), { name, ...rest });
  for (const name of ["BlockError", "DecodeError", "RangeError"]) expect(isOfContents(named(name)), name).toBe(true);
  // Errors of these classes mean a bug: every retry fails, but the block is not damaged.
  for (const name of ["InvariantError", "TypeError"])
    expect([isOfContents(named(name)), isLasting(named(name))], name).toEqual([false, true]);
  for (const error of [
    named("ThreadDied"),
    named("BlockError", { code: "EMFILE" }),
    named("Error", { code: "ENOSPC" }),
  ])
    expect([isOfContents(error), isLasting(error)]).toEqual([false, false]);
  expect(isOfContents(new RangeError("Array buffer allocation failed"))).toBe(false);
});
