import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";

/** Length of a full head in ms: one and a half blocks of two hours. */
const FULL_MS = 3 * 3_600_000;

/**
 * Waits until Prometheus has compacted its head and merged its blocks. Must only be called while no tombstones exist,
 * since a request to clean tombstones is part of the wait.
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
