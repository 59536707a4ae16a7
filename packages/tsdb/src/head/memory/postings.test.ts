import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { HeadMemory } from "./head-memory.ts";

const SERIES = 20_000;
const REPLACED = 10_000;

/** Slabs after `rounds` in which half of the series make room for new ones, each with a label value of its own. */
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
    for (const pair of pairs) postings.removeSeries(pair, (row) => gone.has(row));
    for (const row of gone) series.release(row);
  }
  return slabs.reservedBytes;
}

test("lists of the series of a label take no new memory when series come and go", () => {
  expect(slabBytesAfter(12)).toBeLessThanOrEqual(slabBytesAfter(3));
});
