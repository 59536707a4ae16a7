import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { leaks, soak } from "./soak.ts";

test("forty minutes of scrapes, churn, out-of-order samples, queries, deletions, merges and retention leaks nothing", async () => {
  const dir = mkdtempSync(join(tmpdir(), "narthex-soak-"));
  try {
    const report = await soak({ dir, series: 300, intervalMs: 10_000, minutes: 40, churn: 0.1 });
    expect(report.samples).toBeGreaterThan(70_000);
    expect(report.read).toBeGreaterThan(10_000);
    expect(leaks(report.held)).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
