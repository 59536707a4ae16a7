import { expect, test } from "vitest";
import { scrapeLimitMs } from "./scrape-route.ts";

test("collectors get the scraper's timeout, less time for the answer", () => {
  expect(scrapeLimitMs("10")).toBe(9500);
  expect(scrapeLimitMs("2.5")).toBe(2250);
  expect(scrapeLimitMs("0.1")).toBe(450);
});

test("an invalid header sets no limit", () => {
  for (const header of [undefined, "", "0", "-1", "soon", "NaN"]) expect(scrapeLimitMs(header)).toBeUndefined();
});
