import { expect, test } from "vitest";
import { IdleCollector } from "./idle-collector.ts";
import { ManualClock } from "./testing/manual-clock.ts";

const MIB = 2 ** 20;

function observed() {
  const clock = new ManualClock();
  const seen = { collections: 0, complete: [] as boolean[], released: 0, ownBytes: 100 * MIB };
  const collector = new IdleCollector({
    clock,
    release() {
      expect(seen.released++).toBe(seen.collections);
    },
    async collect(all) {
      seen.collections++;
      seen.complete.push(all);
      seen.ownBytes = 90 * MIB;
    },
    ownBytes: () => seen.ownBytes,
  });
  return { clock, seen, collector };
}

test("memory is returned once the process was idle for a while, and not before", async () => {
  const { clock, seen, collector } = observed();
  collector.noteWork();
  await clock.advance(1500);
  collector.noteWork();
  await clock.advance(1500);
  expect(seen.collections).toBe(0);
  await clock.advance(500);
  expect(seen.collections).toBe(1);
  await clock.advance(60_000);
  expect(seen.collections).toBe(1);
  expect(seen.released).toBe(1);
});

test("work that uses little memory causes no collection", async () => {
  const { clock, seen, collector } = observed();
  collector.noteWork();
  await clock.advance(2000);
  seen.ownBytes += 5 * MIB;
  collector.noteWork();
  await clock.advance(40_000);
  expect(seen.collections).toBe(1);
  seen.ownBytes += MIB;
  collector.noteWork();
  await clock.advance(10_000);
  expect(seen.collections).toBe(2);
});

test("the the memory of a large request is collected soon, but not after each of many requests requests", async () => {
  const { clock, seen, collector } = observed();
  collector.noteWork();
  await clock.advance(2000);
  expect(seen.collections).toBe(1);
  await clock.advance(5000);
  seen.ownBytes += 64 * MIB;
  collector.noteWork();
  await clock.advance(199);
  expect(seen.collections).toBe(1);
  await clock.advance(1);
  expect(seen.collections).toBe(2);
  for (let turn = 0; turn < 40; turn++) {
    seen.ownBytes += 64 * MIB;
    collector.noteWork();
    // oxlint-disable-next-line no-await-in-loop -- time advances between the requests
    await clock.advance(250);
  }
  expect(seen.collections).toBeGreaterThanOrEqual(2 + 8);
  expect(seen.collections).toBeLessThanOrEqual(2 + 10);
});

test("if work uses much memory while a small collection is pending, the collection runs sooner", async () => {
  const { clock, seen, collector } = observed();
  collector.noteWork();
  await clock.advance(2000);
  seen.ownBytes += 10 * MIB;
  collector.noteWork();
  await clock.advance(3000);
  expect(seen.collections).toBe(1);
  seen.ownBytes += 60 * MIB;
  collector.noteWork();
  await clock.advance(600);
  expect(seen.collections).toBe(2);
});

test("requests every few seconds cause only few collections", async () => {
  const { clock, seen, collector } = observed();
  for (let second = 0; second < 120; second += 5) {
    seen.ownBytes += 10 * MIB;
    collector.noteWork();
    // oxlint-disable-next-line no-await-in-loop -- time advances between the requests
    await clock.advance(5000);
  }
  expect(seen.collections).toBeGreaterThan(1);
  expect(seen.collections).toBeLessThanOrEqual(4);
});

test("the time between two collections of a little memory doubles, until a collection of more memory", async () => {
  const { clock, seen, collector } = observed();
  const times: number[] = [];
  /** Works every ten seconds, and uses `bytes` between two collections. */
  const workFor = async (seconds: number, bytes: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 10) {
      const before = seen.collections;
      seen.ownBytes = 90 * MIB + bytes;
      collector.noteWork();
      // oxlint-disable-next-line no-await-in-loop -- time advances between the requests
      await clock.advance(10_000);
      if (seen.collections > before) times.push(clock.now() / 1000);
    }
  };
  await workFor(1500, 8 * MIB);
  expect(seen.complete).toEqual([true, true, ...Array<boolean>(5).fill(false)]);
  const pauses = (): number[] => times.slice(1).map((time, i) => time - times[i]!);
  expect(pauses()).toEqual([30, 60, 120, 240, 480, 480]);
  times.length = 0;
  await workFor(180, 20 * MIB);
  expect(pauses().slice(1)).toEqual([30, 30, 30, 30]);
  expect(seen.complete.slice(7)).toEqual(Array<boolean>(6).fill(true));
});

test("a missing garbage collector causes no error", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const collect = async (): Promise<void> => {
    asked++;
    throw new TypeError("gc is not a function");
  };
  const collector = new IdleCollector({ clock, collect, ownBytes: () => 100 * MIB });
  collector.noteWork();
  await clock.advance(2000);
  expect(asked).toBe(1);
});

test("no collection runs after stop()", async () => {
  const { clock, seen, collector } = observed();
  collector.noteWork();
  collector.stop();
  await clock.advance(10_000);
  expect(seen.collections).toBe(0);
});

test("V8's collection ends, and frees unreferenced memory", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const collector = new IdleCollector({ clock, ownBytes: () => ++asked * 10 * MIB });
  const freed = Promise.withResolvers<string>();
  const registry = new FinalizationRegistry(freed.resolve);
  (() => registry.register({}, "freed"))();
  collector.noteWork();
  await clock.advance(2000);
  expect(await freed.promise).toBe("freed");
  expect(registry).toBeDefined();
});
