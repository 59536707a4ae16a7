import { expect, test } from "vitest";
import { retryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 10, 20, 6, 0, 0);

test("a pause is given in seconds or as a date, and a date in the past means no pause", () => {
  expect(retryAfter("30", NOW)).toBe(30_000);
  expect(retryAfter(["2"], NOW)).toBe(2000);
  expect(retryAfter("Fri, 20 Nov 2026 06:01:00 GMT", NOW)).toBe(60_000);
  expect(retryAfter("Fri, 20 Nov 2026 05:01:00 GMT", NOW)).toBe(0);
});

test("any other text means no pause", () => {
  for (const header of [undefined, "", "-1", "soon", "1.5", "Fri, nonsense"]) {
    expect(retryAfter(header, NOW)).toBeUndefined();
  }
});
