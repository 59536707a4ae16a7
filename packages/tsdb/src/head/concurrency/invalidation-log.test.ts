import fc from "fast-check";
import { expect, test } from "vitest";
import { InvalidationLog } from "./invalidation-log.ts";

interface Note {
  readonly version: number;
  readonly time: number;
}

/** Returns the smallest time that was noted after a version. */
const smallest = (notes: readonly Note[], version: number): number =>
  Math.min(Infinity, ...notes.filter((note) => note.version > version).map(({ time }) => time));

test("unchangedBefore() returns the smallest time noted since a version, also in the log of another thread", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constantFrom(-Infinity, Infinity)), { maxLength: 200 }),
      (times) => {
        const log = new InvalidationLog();
        const attached = new InvalidationLog(log.buffer);
        const notes: Note[] = [];
        const versions = [log.version];
        for (const time of times) {
          log.note(time);
          notes.push({ version: attached.version, time });
          versions.push(attached.version);
          for (const version of versions) expect(attached.unchangedBefore(version)).toBe(smallest(notes, version));
        }
      },
    ),
  ));

test("with more notes than entries, unchangedBefore() never returns a time that is too late, and is exact for recent notes", () => {
  const log = new InvalidationLog();
  const notes: Note[] = [];
  for (let i = 0; i < 30_000; i++) {
    log.note(i * 10);
    notes.push({ version: log.version, time: i * 10 });
  }
  for (let version = 0; version < 30_000; version += 97) {
    const unchanged = log.unchangedBefore(version);
    const exact = notes[version]!.time;
    expect(unchanged).toBeLessThanOrEqual(exact);
    if (version > 29_000) expect(unchanged).toBe(exact);
  }
  expect(log.unchangedBefore(0)).toBe(0);
  expect(log.unchangedBefore(log.version)).toBe(Infinity);
});

test("note() with Infinity adds no change", () => {
  const log = new InvalidationLog();
  log.note(Infinity);
  expect(log.version).toBe(0);
});
