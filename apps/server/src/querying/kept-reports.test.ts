import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { KeptReports } from "./kept-reports.ts";

const OPTIONS = { keptMs: 1000, maxKept: 2, maxRunning: 1 };

test("a report is shared while it is made and for its time, unless it is forgotten or has failed", async () => {
  const clock = new ManualClock(0);
  const reports = new KeptReports<string, number>({ ...OPTIONS, clock });
  let made = 0;
  const get = (key: string) => reports.get(key, async () => ++made);
  expect(await Promise.all([get("a"), get("a")])).toEqual([1, 1]);
  await clock.advance(999);
  expect(await get("a")).toBe(1);
  await clock.advance(1);
  expect(await get("a")).toBe(2);
  reports.clear();
  expect(await get("a")).toBe(3);
  await expect(reports.get("b", () => Promise.reject(new Error("bug")))).rejects.toThrow("bug");
  expect([await get("b"), await get("c"), await get("a")]).toEqual([4, 5, 6]);
});

test("reports beyond the number of running ones are refused, also after a change", async () => {
  const reports = new KeptReports<string, string>({ ...OPTIONS, clock: new ManualClock(0) });
  const done = Promise.withResolvers<string>();
  const first = reports.get("a", () => done.promise);
  reports.clear();
  await expect(reports.get("a", async () => "b")).rejects.toThrow("1 reports are already being made");
  done.resolve("a");
  expect(await first).toBe("a");
  expect(await reports.get("a", async () => "b")).toBe("b");
});
