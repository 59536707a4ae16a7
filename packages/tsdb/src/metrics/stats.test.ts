import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { Head } from "../head/head.ts";
import { truncateHead } from "../head/truncate.ts";
import { headStats } from "./stats.ts";

const PAIRS = 5000;

function add(head: Head, from: number, to: number): void {
  const app = head.appender();
  for (let i = from; i < to; i++) app.series(Labels.of({ __name__: `m${i}`, job: "j" }));
  app.rollback();
}

test("series are counted in steps, between which series come and go", async () => {
  const head = new Head(0);
  add(head, 0, PAIRS);
  const unpin = head.pin();
  const steps = headStats(head, 3);
  let yields = 0;
  for (;;) {
    const step = steps.next();
    if (step.done === true) {
      expect(step.value.seriesCountByMetricName).toHaveLength(3);
      expect(step.value.headStats.numSeries).toBe(head.memory.series.count);
      break;
    }
    yields++;
    // No series has a sample: all go, and others come in their places.
    if (yields === 4) await truncateHead(head, 0);
    add(head, yields * PAIRS, yields * PAIRS + 10);
  }
  unpin();
  expect(yields).toBeGreaterThanOrEqual(4);
});
