import { readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles } from "../files.ts";
import { OpenChunkSegments } from "./open-chunk-segments.ts";
import { ChunkSegments } from "./chunk-segments.ts";
import { PageCache } from "./page-cache.ts";

const dir = temporaryFolder();

test("a new segment begins before the current one exceeds its limit, and the chunks of each segment are found", () => {
  const segments = new ChunkSegments(join(dir, "chunks"), diskFiles, 1000);
  const chunks = Array.from({ length: 40 }, (_, i) => new Uint8Array(10 + i * 7).fill(i));
  const refs = chunks.map((bytes, i) =>
    segments.append({ minTime: 0, maxTime: 0, encoding: 1 + (i % 3), bytes, start: 2, end: bytes.length }),
  );
  segments.finish();
  const names = readdirSync(join(dir, "chunks"));
  expect(names.slice(0, 2)).toEqual(["000001", "000002"]);
  expect(names.every((name) => statSync(join(dir, "chunks", name)).size <= 1000)).toBe(true);
  expect(refs[0]).toBe(8);
  expect(refs.at(-1)! / 2 ** 32).toBeGreaterThan(names.length - 1);
  const files = new OpenChunkSegments(dir, diskFiles, new PageCache());
  const reader = files.reader();
  const into = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  for (const i of [...chunks.keys(), 3, 39, 0, 20]) {
    reader.read(refs[i]!, into);
    expect(into.encoding).toBe(1 + (i % 3));
    expect([...into.bytes.subarray(into.start, into.end)]).toEqual([...chunks[i]!.subarray(2)]);
  }
  expect(() => reader.read(refs.at(-1)! + 2 ** 33, into)).toThrow("no such segment");
  expect(() => reader.read(3, into)).toThrow("no chunk can be here");
  files.close();
  renameSync(join(dir, "chunks", "000002"), join(dir, "000002"));
  expect(() => new OpenChunkSegments(dir, diskFiles, new PageCache())).toThrow("000002 at 0: the segment is missing");
});

test("after a wrong byte the reader reads the chunk from the disk again", () => {
  const folder = join(dir, "misread");
  const segments = new ChunkSegments(join(folder, "chunks"), diskFiles);
  const ref = segments.append({ minTime: 0, maxTime: 0, encoding: 1, bytes: Uint8Array.of(7, 8, 9), start: 0, end: 3 });
  segments.finish();
  let isWrong = false;
  const files: typeof diskFiles = {
    ...diskFiles,
    read(file, bytes, position) {
      const count = diskFiles.read(file, bytes, position);
      if (isWrong) bytes[2]! ^= 1;
      return count;
    },
  };
  const opened = new OpenChunkSegments(folder, files, new PageCache());
  const reader = opened.reader();
  const into = { bytes: new Uint8Array(0), start: 0, end: 0, encoding: 0 };
  isWrong = true;
  expect(() => reader.read(ref, into)).toThrow("checksum");
  isWrong = false;
  reader.read(ref, into);
  expect([...into.bytes.subarray(into.start, into.end)]).toEqual([7, 8, 9]);
  opened.close();
});

test.each([0, 1, 4087, 4088, 300_000, 600_001])(
  "a segment of %i bytes that bypasses the page cache has the same bytes, written in whole pages except at the end",
  (length) => {
    const writes: number[] = [];
    const opened: string[] = [];
    const files: typeof diskFiles = {
      ...diskFiles,
      open(path, mode) {
        opened.push(mode);
        return diskFiles.open(path, mode);
      },
      write(file, bytes) {
        writes.push(bytes.length);
        return diskFiles.write(file, bytes);
      },
    };
    const bytes = Uint8Array.from({ length: length + 2 }, (_, i) => i * 7);
    const folders = [false, true].map((uncachedChunks) => {
      const folder = join(dir, `cached-${length}-${uncachedChunks}`);
      const segments = new ChunkSegments(folder, uncachedChunks ? files : diskFiles, undefined, uncachedChunks);
      for (const end of [2, bytes.length, 40]) {
        segments.append({
          minTime: 0,
          maxTime: 0,
          encoding: 1,
          bytes,
          start: 2,
          end: Math.max(2, Math.min(end, bytes.length)),
        });
      }
      segments.finish();
      return folder;
    });
    const [cached, uncached] = folders.map((folder) => diskFiles.readWhole(join(folder, "000001")));
    expect(Buffer.compare(uncached!, cached!)).toBe(0);
    expect(opened).toEqual(["direct", "a"]);
    expect(writes.slice(0, -1).every((count) => count % 4096 === 0)).toBe(true);
    expect(writes.at(-1)).toBe(cached!.length % 4096);
  },
);
