import { seededRandom } from "@narthex/runtime";
import { expect, test } from "vitest";
import { Seqlock } from "../concurrency/seqlock.ts";
import { baseOf, HashTable, maskOf } from "./hash-table.ts";
import { SharedBuffers } from "./shared-column.ts";

const MAX_IDS = 2 ** 20;

function idsUnder(table: HashTable, hash: number, hashes: ArrayLike<number>): number[] {
  const entry = table.entryOf(hash);
  const found: number[] = [];
  for (let slot = hash & maskOf(entry); ; slot = (slot + 1) & maskOf(entry)) {
    const id = table.slots[baseOf(entry) + slot]!;
    if (id === 0) return found.sort((a, b) => a - b);
    if (hashes[id] === hash) found.push(id);
  }
}

/** Counts how often a hash is read: each entry that is moved needs its hash. */
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

test.for(KINDS)("ids come and go under hashes %s", ([, draw]) => {
  const random = seededRandom(1);
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

test("hashes that are all equal make the table slow, but not large", () => {
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  const hashes = new Uint32Array(3000).fill(7);
  for (let id = 1; id < hashes.length; id++) table.insert(hashes, id);
  expect(idsUnder(table, 7, hashes)).toHaveLength(2999);
  expect(table.slots.length).toBeLessThan(32 * 1024);
});

test("no insertion moves more entries than a segment has, however large the table is", () => {
  const random = seededRandom(2);
  const { hashes, take } = counting(Uint32Array.from({ length: 100_000 }, () => Math.floor(random() * 2 ** 32)));
  const table = new HashTable("t", new SharedBuffers(), MAX_IDS);
  let most = 0;
  for (let id = 1; id < hashes.length; id++) {
    table.insert(hashes, id);
    most = Math.max(most, take());
  }
  // Each of the 512 entries of a segment is looked at twice.
  expect(most).toBeLessThan(1200);
});

test("a reader finds what was there before the table grew, and what came since", () => {
  const random = seededRandom(3);
  const hashes = Uint32Array.from({ length: 20_000 }, () => Math.floor(random() * 2 ** 32));
  const buffers = new SharedBuffers();
  const table = new HashTable("t", buffers, MAX_IDS, new Seqlock("lock", buffers, () => {}));
  const theirs = new SharedBuffers(buffers.handles);
  const lock: Seqlock = new Seqlock("lock", theirs, () => reader.refresh());
  const reader: HashTable = new HashTable("t", theirs, MAX_IDS, lock);
  for (let id = 1; id < hashes.length; id++) {
    table.insert(hashes, id);
    if (id % 997 !== 0) continue;
    for (const known of [1, id >>> 1, id]) {
      expect(lock.read(() => idsUnder(reader, hashes[known]!, hashes))).toContain(known);
    }
  }
});
