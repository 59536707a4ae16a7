import { seededRandom } from "@narthex/runtime";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Seqlock } from "../concurrency/seqlock.ts";
import { HashTable } from "./hash-table.ts";
import { SharedBuffers } from "./shared-column.ts";

const MAX_IDS = 2 ** 20;

function idsUnder(table: HashTable, hash: number, hashes: ArrayLike<number>): number[] {
  const found: number[] = [];
  table.find(hashes, hash, (id) => {
    found.push(id);
    return false;
  });
  return found.sort((a, b) => a - b);
}

/** Wraps an array of hashes and counts its reads. Moving an entry of the hash table reads its hash once. */
function counting(hashes: Uint32Array): { readonly hashes: ArrayLike<number>; readonly take: () => number } {
  let reads = 0;
  const proxy = new Proxy(hashes, {
    get(target, key) {
      if (typeof key === "string" && key !== "length") reads++;
      return Reflect.get(target, key) as unknown;
    },
  });
  const take = (): number => {
    const count = reads;
    reads = 0;
    return count;
  };
  return { hashes: proxy, take };
}

const KINDS: readonly [string, (random: () => number) => number][] = [
  ["of all kinds", (random) => Math.floor(random() * 2 ** 32)],
  ["that agree in their first bits", (random) => Math.floor(random() * 2 ** 12)],
  ["that agree in their last bits", (random) => (Math.floor(random() * 2 ** 12) << 20) >>> 0],
];

test.for(KINDS)("ids can be added and removed under hashes %s", ([, draw]) => {
  const random = seededRandom(testSeed());
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  const hashes = Uint32Array.from({ length: 20_000 }, () => draw(random));
  const byHash = new Map<number, Set<number>>();
  for (let step = 0; step < 30_000; step++) {
    const id = 1 + Math.floor(random() * (hashes.length - 1));
    const hash = hashes[id]!;
    const ids = byHash.get(hash) ?? new Set();
    byHash.set(hash, ids);
    if (ids.has(id)) table.remove(hashes, id);
    else table.insert(hashes, id);
    if (!ids.delete(id)) ids.add(id);
  }
  for (const [hash, ids] of byHash) {
    expect(idsUnder(table, hash, hashes)).toEqual([...ids].sort((a, b) => a - b));
  }
});

test("equal hashes make the table slow, but not large", () => {
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  const hashes = new Uint32Array(3000).fill(7);
  for (let id = 1; id < hashes.length; id++) table.insert(hashes, id);
  expect(idsUnder(table, 7, hashes)).toHaveLength(2999);
  expect(table.slots.length).toBeLessThan(32 * 1024);
});

test("an insertion moves at most the entries of one segment, however large the table is", () => {
  const random = seededRandom(testSeed() + 1);
  const { hashes, take } = counting(Uint32Array.from({ length: 100_000 }, () => Math.floor(random() * 2 ** 32)));
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  let most = 0;
  for (let id = 1; id < hashes.length; id++) {
    table.insert(hashes, id);
    most = Math.max(most, take());
  }
  // Splitting a segment reads the hash of each of its 512 entries twice: 1024 reads, plus a few for the insertion.
  expect(most).toBeLessThan(1200);
});

/** Returns a writer's table and lock, and the table and lock of a reading thread on the same memory. */
function shared(maxIds: number): {
  readonly table: HashTable;
  readonly buffers: SharedBuffers;
  readonly reader: HashTable;
  readonly lock: Seqlock;
} {
  const buffers = new SharedBuffers();
  const table = new HashTable("t", buffers, maxIds, new Seqlock("lock", buffers, () => {}));
  const theirs = new SharedBuffers(buffers.handles);
  const lock: Seqlock = new Seqlock("lock", theirs, () => reader.refresh());
  const reader: HashTable = new HashTable("t", theirs, maxIds, lock);
  return { table, buffers, reader, lock };
}

const randomHashes = (count: number, random: () => number): Uint32Array =>
  Uint32Array.from({ length: count }, () => Math.floor(random() * 2 ** 32));

test("a reader finds the ids that were added before the table grew, and the new ones", () => {
  const hashes = randomHashes(20_000, seededRandom(testSeed() + 2));
  const { table, reader, lock } = shared(MAX_IDS);
  for (let id = 1; id < hashes.length; id++) {
    table.insert(hashes, id);
    if (id % 997 !== 0) continue;
    for (const known of [1, id >>> 1, id]) {
      expect(lock.read(() => idsUnder(reader, hashes[known]!, hashes))).toContain(known);
    }
  }
});

test("a read ends if the reader's view is too short for new segments, and is repeated", () => {
  const hashes = randomHashes(20_000, seededRandom(testSeed() + 3));
  const { table, reader, lock } = shared(MAX_IDS);
  const findAll = (): number => hashes.slice(1).filter((hash) => reader.find(hashes, hash, () => true) !== 0).length;
  let tries = 0;
  const found = lock.read(() => {
    if (tries++ === 0) for (let id = 1; id < hashes.length; id++) table.insert(hashes, id);
    return findAll();
  });
  expect(tries).toBe(2);
  expect(found).toBe(hashes.length - 1);
});

test("a table without memory refuses an id, and readers still find the other ids", () => {
  const hashes = randomHashes(4000, seededRandom(testSeed() + 4));
  const { table, buffers, reader, lock } = shared(1024);
  let inserted = 0;
  expect(() => {
    while (inserted < hashes.length - 1) table.insert(hashes, ++inserted);
  }).toThrow(RangeError);
  expect(buffers.words("lock", 1)[0]! % 2).toBe(0);
  for (let id = 1; id < inserted; id++) {
    expect(lock.read(() => reader.find(hashes, hashes[id]!, (found) => found === id))).toBe(id);
  }
});

test("the slots of a doubled segment are used again", () => {
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  // Generates only four different hashes. At the start, each of them belongs to a different segment.
  const hashes = Uint32Array.from({ length: 16_000 }, (_, id) => ((id >>> 2) << 30) >>> 0);
  for (let id = 1; id < hashes.length; id++) table.insert(hashes, id);
  // The table would have a length of 111 * 1024 if slots of split segments were not reused.
  expect(table.slots.length).toBeLessThan(96 * 1024);
});
