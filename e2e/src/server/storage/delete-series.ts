import { expect } from "vitest";

/** Deletes the series of a selector through the admin API; times in ms. */
export async function deleteSeries(base: string, selector: string, start: number, end: number): Promise<void> {
  const params = new URLSearchParams({ "match[]": selector, start: String(start / 1000), end: String(end / 1000) });
  const url = `${base}/api/v1/admin/tsdb/delete_series?${params.toString()}`;
  expect((await fetch(url, { method: "POST" })).status).toBe(204);
}
