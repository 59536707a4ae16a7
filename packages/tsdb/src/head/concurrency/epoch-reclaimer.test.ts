import { expect, test } from "vitest";
import { CommitSequence, MAX_HEAD_READERS } from "./commit-sequence.ts";
import { type Recycle, EpochReclaimer } from "./epoch-reclaimer.ts";
import { SharedBuffers } from "../memory/shared-column.ts";

test("memory that is freed during a recycle waits for readers that started during the recycle", () => {
  const sequence = new CommitSequence(new SharedBuffers());
  const reclaimer = new EpochReclaimer(sequence);
  const reader = reclaimer.registerReader();
  const recycled: number[] = [];
  const recycle: Recycle = (id) => recycled.push(id);
  const first: Recycle = (id) => {
    recycled.push(id);
    sequence.setPin(reader, sequence.epoch);
    reclaimer.retire(recycle, 2, 0);
  };
  reclaimer.retire(first, 1, 0);
  reclaimer.sweep();
  expect(recycled).toEqual([1]);
  sequence.setPin(reader, 0);
  reclaimer.sweep();
  expect(recycled).toEqual([1, 2]);
});

test("the number of reading threads is limited, and the number of an ended thread is used again", () => {
  const reclaimer = new EpochReclaimer(new CommitSequence(new SharedBuffers()));
  const readers = new Set(Array.from({ length: MAX_HEAD_READERS }, () => reclaimer.registerReader()));
  expect(readers.size).toBe(MAX_HEAD_READERS);
  expect(() => reclaimer.registerReader()).toThrow("the number of reading threads is within the limit");
  reclaimer.unregisterReader(7);
  expect(reclaimer.registerReader()).toBe(7);
});

test("a large queue is recycled in parts, in the order in which it was freed", () => {
  const reclaimer = new EpochReclaimer(new CommitSequence(new SharedBuffers()));
  reclaimer.registerReader();
  const recycled: number[] = [];
  for (let id = 0; id < 200_000; id++) reclaimer.retire((given) => recycled.push(given), id, 0);
  let parts = 0;
  for (let before = -1; before < recycled.length; parts++) {
    before = recycled.length;
    reclaimer.sweep();
    expect(recycled.length - before).toBeLessThanOrEqual(32_768);
  }
  expect(parts).toBeGreaterThan(6);
  expect(recycled).toEqual(Array.from({ length: 200_000 }, (_, id) => id));
});

test("recycle callbacks that sweep again do not nest", () => {
  const reclaimer = new EpochReclaimer(new CommitSequence(new SharedBuffers()));
  reclaimer.registerReader();
  const recycled: number[] = [];
  const sweeping: Recycle = (id) => {
    recycled.push(id);
    reclaimer.sweep();
  };
  for (let id = 0; id < 50_000; id++) reclaimer.retire(sweeping, id, 0);
  for (let part = 0; part < 2; part++) reclaimer.sweep();
  expect(recycled).toEqual(Array.from({ length: 50_000 }, (_, id) => id));
});
