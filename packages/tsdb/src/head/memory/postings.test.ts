import { Labels } from "@narthex/model";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { HeadMemory } from "./head-memory.ts";

const SERIES = 20_000;
const REPLACED = 10_000;

/**
 * Returns the size of the memory slabs after a number of rounds. Each round replaces half of the series by new series,
 * each with its own label value.
 */
function slabBytesAfter(rounds: number): number {
  const { postings, series, slabs } = new HeadMemory();
  const rows: number[] = [];
  for (let i = 0; i < SERIES + rounds * REPLACED; i++) {
    rows.push(series.add(Labels.of({ __name__: "jobs_total", zone: "eu-west-1", pod: `pod-${i}` })));
    if (rows.length < SERIES + REPLACED) continue;
    const gone = new Set(rows.splice(0, REPLACED));
    const pairs = new Set<number>();
    for (const row of gone) {
      for (let pair = 0; pair < 3; pair++) pairs.add(series.pairAt(row, pair));
      series.detach(row);
    }
    for (const pair of pairs) runToEnd(postings.removeSeries(pair, (row) => gone.has(row)));
    for (const row of gone) series.release(row);
  }
  return slabs.reservedBytes;
}

test("postings lists need no new memory when series are removed and others are added", () => {
  expect(slabBytesAfter(12)).toBeLessThanOrEqual(slabBytesAfter(3));
});

test("series are removed from a long list in steps, between which others are added, and readers see the list before or after", () => {
  const { postings, series } = new HeadMemory();
  const rows: number[] = [];
  const add = (): void => void rows.push(series.add(Labels.of({ job: "j", i: `${rows.length}` })));
  while (rows.length < 150_000) add();
  const pair = series.pairAt(rows[0]!, 1);
  const read = (list = postings.list(pair)): number[] => {
    const into = new Uint32Array(list.count);
    postings.copyList(list, into, 0);
    return [...into];
  };
  const gone = new Set(rows.filter((_, i) => i % 3 === 0));
  const before = postings.list(pair);
  const steps = postings.removeSeries(pair, (row) => gone.has(row));
  let yields = 0;
  for (; steps.next().done !== true; yields++) {
    add();
    expect(postings.list(pair).count).toBe(rows.length);
  }
  expect(yields).toBe(4);
  expect(read().toSorted((a, b) => a - b)).toEqual(rows.filter((row) => !gone.has(row)).toSorted((a, b) => a - b));
  add();
  expect(read()).toContain(rows.at(-1));
  expect(before.count).toBe(150_000);
});
