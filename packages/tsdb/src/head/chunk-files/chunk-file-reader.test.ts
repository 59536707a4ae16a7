import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32c } from "@narthex/bytes";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../../files.ts";
import { ChunkFileReader } from "./chunk-file-reader.ts";
import { CHECKSUM_BYTES, entryBytesBefore, headChunkFileName } from "./head-chunk-file.ts";

const SIZE = 100;
const BEFORE = entryBytesBefore(SIZE);
const ENTRY = BEFORE + SIZE + CHECKSUM_BYTES;

/** Returns a file of `count` chunks, each filled with its number. */
function chunkFile(count: number): Buffer {
  const file = Buffer.alloc(count * ENTRY);
  for (let i = 0; i < count; i++) {
    const entry = file.subarray(i * ENTRY, (i + 1) * ENTRY);
    entry.fill(i & 0xff, BEFORE, BEFORE + SIZE);
    entry.writeUInt32BE(crc32c(entry, 0, BEFORE + SIZE), BEFORE + SIZE);
  }
  return file;
}

function readsOf(chunks: number, rounds: number): number[] {
  const dir = temporaryFolder();
  writeFileSync(join(dir, headChunkFileName(1)), chunkFile(chunks));
  let reads = 0;
  const read: Files["read"] = (...parameters) => {
    reads++;
    return diskFiles.read(...parameters);
  };
  const reader = new ChunkFileReader(dir, Object.assign(Object.create(diskFiles) as Files, { read }));
  const perRound: number[] = [];
  for (let round = 0; round < rounds; round++) {
    reads = 0;
    for (let i = 0; i < chunks; i++) {
      const chunk = (i * 7919) % chunks;
      const bytes = reader.read(1, chunk * ENTRY + BEFORE, SIZE);
      expect(bytes).toEqual(new Uint8Array(SIZE).fill(chunk & 0xff));
    }
    perRound.push(reads);
  }
  reader.close();
  return perRound;
}

test("chunks that are read repeatedly, in any order, are read from cached pages if all pages fit into the cache", () => {
  const chunks = 20_000;
  const pages = Math.ceil((chunks * ENTRY) / 65_536);
  const [first, second] = readsOf(chunks, 2);
  expect(first).toBeLessThan(pages * 20);
  // The first pass has cached all pages. The second pass reads only chunks that cross the end of a page from the file.
  expect(second).toBeLessThan(pages * 2);
});
