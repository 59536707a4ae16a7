import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { leaks, soak } from "./soak.ts";

test("forty minutes of scrapes, new series, out-of-order samples, queries, deletions, merges and retention leak nothing", async () => {
  const report = await soak({ dir: temporaryFolder(), series: 300, intervalMs: 10_000, minutes: 40, churn: 0.1 });
  expect(report.samples).toBeGreaterThan(70_000);
  expect(report.read).toBeGreaterThan(10_000);
  expect(leaks(report.held)).toEqual([]);
});
