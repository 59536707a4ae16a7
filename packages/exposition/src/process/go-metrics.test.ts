import { expect, test } from "vitest";
import { goMetrics } from "./go-metrics.ts";

test("goMetrics() shows the parts of V8's heap under the names of a Go program", () => {
  const families = new Map(goMetrics()().map(({ name, samples }) => [name, samples[0]?.value ?? Number.NaN]));
  const heap = (part: string): number => families.get(`go_memstats_heap_${part}_bytes`) ?? Number.NaN;
  expect(heap("idle") + heap("inuse")).toBe(heap("sys"));
  expect(heap("released")).toBeLessThan(heap("sys"));
  expect(families.get("go_memstats_other_sys_bytes")).toBeGreaterThan(0);
  expect(families.get("go_sched_gomaxprocs_threads")).toBe(1);
});
