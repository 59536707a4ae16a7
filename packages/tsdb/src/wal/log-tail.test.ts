import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { diskFiles, type Files } from "../files.ts";
import { LogTail } from "./log-tail.ts";
import { listSegments, PAGE_BYTES } from "./segment.ts";
import { type LogEnd, WalWriter } from "./writer.ts";

const START = { segment: 0, offset: 0 };

/** Returns all records that can currently be read. */
function drain(tail: LogTail): string[] {
  const found: string[] = [];
  for (let record = tail.next(); record !== undefined; record = tail.next()) found.push(textOf(record));
  return found;
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** Returns the bytes of a record. With an even seed, the bytes can be compressed. */
const recordOf = ({ size, seed }: { size: number; seed: number }): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (seed % 2 === 0 ? seed : Math.imul(i + seed, 2654435761) >>> 13));

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("log" as const), size: fc.nat(50), seed: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("log" as const), size: fc.nat(90_000), seed: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.constant({ kind: "read" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "segment" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("refuse" as const),
      sizes: fc.array(fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 90_000 })), { minLength: 1 }),
    }),
  },
);

test("records of any size are read in order while they are written, across segments and refused commits", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.constantFrom("none" as const, "snappy" as const, "zstd" as const),
      (steps, compression) => {
        const folder = temporaryFolder();
        const wal = new WalWriter(folder, { compression, segmentBytes: 4 * PAGE_BYTES });
        const tail = new LogTail(folder, START, {
          end: () => wal.sharedEnd.get(),
          onGap: (reason) => expect.fail(reason),
        });
        const [written, found]: [string[], string[]] = [[], []];
        for (const each of steps) {
          if (each.kind === "log") {
            const bytes = recordOf(each);
            if (bytes.length === 0) continue;
            wal.log(bytes);
            wal.flush();
            written.push(textOf(bytes));
          } else if (each.kind === "read") found.push(...drain(tail));
          else if (each.kind === "segment") wal.nextSegment();
          else {
            const refused = (): void =>
              wal.atOnce(() => {
                for (const size of each.sizes) {
                  wal.log(recordOf({ size, seed: 3 }));
                  wal.flush();
                  found.push(...drain(tail));
                }
                throw new Error("the disk is full");
              });
            expect(refused).toThrow("the disk is full");
          }
        }
        found.push(...drain(tail));
        tail.close();
        expect(found.join() === written.join()).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test("a new reader continues at a record whose position was stored", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder, { segmentBytes: 2 * PAGE_BYTES });
  const records = Array.from({ length: 30 }, (_, i) => recordOf({ size: 3000 + i * 400, seed: 2 * i + 1 }));
  for (const record of records) wal.log(record);
  wal.flush();
  const whole = new LogTail(folder, START);
  for (let i = 0; i < records.length; i++) {
    expect(textOf(whole.next()!)).toBe(textOf(records[i]!));
    const rest = new LogTail(folder, whole.recordStart);
    expect(drain(rest)).toEqual(records.slice(i).map(textOf));
    rest.close();
  }
  whole.close();
});

test("a reader waits for the rest of an incomplete fragment", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder, { compression: "none" });
  for (let i = 0; i < 3; i++) wal.log(recordOf({ size: 20_000, seed: 1 + 2 * i }));
  wal.flush();
  const [segment] = listSegments(folder);
  const other = temporaryFolder();
  const copy = join(other, "00000000");
  const bytes = readFileSync(segment!.path);
  const tail = new LogTail(other, START, { onGap: (reason) => expect.fail(reason) });
  const found: string[] = [];
  for (let at = 0; at < bytes.length; at += 777) {
    appendFileSync(copy, bytes.subarray(at, at + 777));
    found.push(...drain(tail));
  }
  tail.close();
  expect(found).toHaveLength(3);
});

test("unreadable records are reported, and are skipped when they cannot change any more", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder, { compression: "none", segmentBytes: 4 * PAGE_BYTES });
  wal.log(recordOf({ size: 100, seed: 1 }));
  wal.flush();
  const gaps: string[] = [];
  const tail = new LogTail(folder, START, { onGap: (reason) => gaps.push(reason) });
  expect(drain(tail)).toHaveLength(1);
  const [segment] = listSegments(folder);
  // Appends a part of a record to the segment, as a process that is killed during a write does.
  appendFileSync(segment!.path, Uint8Array.of(1, 0, 9, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5));
  expect(drain(tail)).toEqual([]);
  expect(gaps).toEqual([]);
  const next = new WalWriter(folder, { compression: "none" });
  next.log(recordOf({ size: 60, seed: 3 }));
  next.flush();
  expect(drain(tail)).toEqual([textOf(recordOf({ size: 60, seed: 3 }))]);
  expect(gaps).toEqual(["the page cannot be read"]);
  tail.close();
});

test("damage is reported once for each segment, with its position, and a reader can be closed at any time", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder, { compression: "none" });
  const starts: LogEnd[] = [];
  for (let segment = 0; segment < 3; segment++) {
    for (let page = 0; page < 20; page++) {
      starts.push(wal.endPage());
      wal.log(recordOf({ size: 100, seed: page }));
    }
    wal.nextSegment();
  }
  const places = [0, 19, 20, 45].map((page) => starts[page]!);
  for (const { segment, offset } of places) {
    const bytes = readFileSync(listSegments(folder)[segment]!.path);
    bytes[offset + 50]! ^= 1;
    writeFileSync(listSegments(folder)[segment]!.path, bytes);
  }
  const gaps: unknown[] = [];
  const tail = new LogTail(folder, START, { onGap: (reason, place) => gaps.push([reason, place]) });
  tail.close();
  expect(drain(tail)).toHaveLength(60 - places.length);
  expect(gaps).toEqual(places.map((place) => ["the page cannot be read", place]));
  tail.close();
  tail.close();
});

/** Writes a segment of several pages. Returns its records, and the offset of each fragment. */
function fullSegment(folder: string): { all: string[]; bytes: Buffer; fragments: number[] } {
  const wal = new WalWriter(folder, { compression: "none" });
  const records = [10, 300, 40_000, 0, 500, 20_000, 7].map((size, seed) =>
    recordOf({ size: size + 1, seed: seed * 2 + 1 }),
  );
  for (const record of records) wal.log(record);
  wal.flush();
  wal.nextSegment();
  const bytes = readFileSync(listSegments(folder)[0]!.path);
  const fragments: number[] = [];
  for (let at = 0; at < bytes.length; at += 7 + bytes.readUInt16BE(at + 1)) {
    if (bytes[at] === 0) break;
    fragments.push(at);
  }
  return { all: records.map(textOf), bytes, fragments };
}

test("after a single wrong read the page is read again, and no record is lost or reported as unreadable", () => {
  const folder = temporaryFolder();
  const { all, bytes, fragments } = fullSegment(folder);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.nat(bytes.length * 8 - 1),
        fc.tuple(fc.constantFrom(...fragments), fc.nat(2)).map(([at, bit]) => at * 8 + bit),
      ),
      (bit) => {
        // Skips changes that readers cannot notice: no checksum covers the first byte of a fragment, and all values of
        // its compression bits are valid.
        fc.pre(!fragments.includes(bit >> 3) || (bit & 7) < 3);
        let isWrong = true;
        const files: Files = {
          ...diskFiles,
          read(file, into, position) {
            const count = diskFiles.read(file, into, position);
            const at = (bit >> 3) - position;
            if (isWrong && at >= 0 && at < count) {
              into[at]! ^= 1 << (bit & 7);
              isWrong = false;
            }
            return count;
          },
        };
        const gaps: string[] = [];
        const tail = new LogTail(folder, START, { files, onGap: (reason) => gaps.push(reason) });
        expect([gaps, drain(tail)]).toEqual([[], all]);
        tail.close();
      },
    ),
    { numRuns: 300 },
  );
});

test("a fragment whose first byte became zero is reported, because records after it are lost", () => {
  const folder = temporaryFolder();
  const { all, bytes, fragments } = fullSegment(folder);
  bytes[fragments.at(-2)!] = 0;
  writeFileSync(listSegments(folder)[0]!.path, bytes);
  const gaps: string[] = [];
  const tail = new LogTail(folder, START, { onGap: (reason) => gaps.push(reason) });
  expect(drain(tail)).toEqual(all.slice(0, -2));
  expect(gaps).toEqual(["the page cannot be read"]);
  tail.close();
});

test("if segments are missing, reading continues with the existing ones", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder);
  for (let i = 0; i < 4; i++) {
    wal.log(recordOf({ size: 10, seed: 2 * i }));
    wal.nextSegment();
  }
  for (const { path } of listSegments(folder).slice(1, 3)) rmSync(path);
  const gaps: string[] = [];
  const tail = new LogTail(folder, START, { onGap: (reason) => gaps.push(reason) });
  expect(drain(tail)).toEqual([0, 6].map((seed) => textOf(recordOf({ size: 10, seed }))));
  expect(gaps).toEqual(["segments up to 2 are gone"]);
  tail.close();
});

test("if a position is beyond the end of a log that was cut off, reading continues with the next segment", () => {
  const folder = temporaryFolder();
  const wal = new WalWriter(folder);
  wal.log(recordOf({ size: 5000, seed: 1 }));
  wal.flush();
  const [segment] = listSegments(folder);
  truncateSync(segment!.path, 100);
  const tail = new LogTail(folder, { segment: 0, offset: 4000 });
  expect(drain(tail)).toEqual([]);
  wal.nextSegment();
  wal.log(recordOf({ size: 10, seed: 4 }));
  wal.flush();
  expect(drain(tail)).toContain(textOf(recordOf({ size: 10, seed: 4 })));
  tail.close();
});
