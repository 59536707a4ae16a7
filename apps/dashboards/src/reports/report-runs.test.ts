import { ManualClock } from "@narthex/runtime/testing";
import { SharedMemory } from "@narthex/store/testing";
import { expect, test } from "vitest";
import { ReportRuns } from "./report-runs.ts";

const [DUE, LEASE] = [60_000, 10_000];

test("of two instances one gets each attempt, the other one only after the lease, and none after the result", async () => {
  const clock = new ManualClock(DUE);
  const memory = new SharedMemory();
  const [a, b] = [await ReportRuns.open(memory.open(), clock), await ReportRuns.open(memory.open(), clock)];
  const both = async () => [await a.claim(1, DUE, LEASE), await b.claim(1, DUE, LEASE)];
  expect(await both()).toEqual([1, undefined]);
  await clock.advance(LEASE - 1);
  expect(await both()).toEqual([undefined, undefined]);
  await clock.advance(1);
  expect([await b.claim(1, DUE, LEASE), await a.claim(1, DUE, LEASE)]).toEqual([2, undefined]);
  await b.end(1, { status: "sent", due: DUE, started: DUE, seconds: 1, bytes: 5, attempts: 2, error: "" });
  await clock.advance(10 * LEASE);
  expect(await both()).toEqual([undefined, undefined]);
  expect(await a.claim(1, DUE + 1, LEASE)).toBe(1);
});
