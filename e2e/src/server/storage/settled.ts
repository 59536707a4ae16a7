import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";

/** A head is cut when its range exceeds one and a half blocks of two hours. */
const FULL_MS = 3 * 3_600_000;

/**
 * Waits until the original has cut and merged its blocks. When its head is no longer full, at most one compaction is in
 * progress, and a request to clean tombstones waits for it. Call it while there are no tombstones, since it would clean
 * them.
 */
export async function settled(base: string): Promise<void> {
  await eventually("the head is cut", async () => {
    const metrics = await (await fetch(`${base}/metrics`)).text();
    const time = (which: string): number =>
      Number(new RegExp(`^prometheus_tsdb_head_${which}_time (.+)$`, "m").exec(metrics)?.[1]);
    expect(time("max") - time("min")).toBeLessThanOrEqual(FULL_MS);
  });
  const response = await fetch(`${base}/api/v1/admin/tsdb/clean_tombstones`, { method: "POST" });
  expect(response.status).toBe(204);
}
