import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { HeadMemory } from "./head-memory.ts";

const nameOf = (i: number): Labels => Labels.of({ __name__: `m${i}` });

test("new chunks use the rows of removed chunks, but not before the readers of these chunks end", () => {
  const { chunks, reclaimer } = new HeadMemory();
  const add = (): number => chunks.add(new Uint8Array(16), 0, 16, 1, 0, 1, 0);
  const first = Array.from({ length: 5 }, add);
  const unpin = reclaimer.pin();
  for (const id of first) chunks.remove(id);
  const second = Array.from({ length: 5 }, add);
  expect(first.filter((id) => second.includes(id))).toEqual([]);
  unpin();
  const third = Array.from({ length: 5 }, add);
  expect(third.toSorted()).toEqual(first.toSorted());
  expect([chunks.count, chunks.taken]).toEqual([10, 10]);
});

test("a reader that started before series were removed reads the labels of each of them", () => {
  const { series, reclaimer } = new HeadMemory();
  const rows = [1, 2, 3].map((i) => series.add(nameOf(i)));
  const unpin = reclaimer.pin();
  for (const row of rows) {
    series.detach(row);
    series.release(row);
  }
  const read = (): string[] => rows.map((row) => String(series.labelsOf(row)));
  const labels = [1, 2, 3].map((i) => String(nameOf(i)));
  expect([read(), read()]).toEqual([labels, labels]);
  unpin();
});
