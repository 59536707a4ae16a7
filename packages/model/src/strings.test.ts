import { expect, test } from "vitest";
import { trimTrailing } from "./strings.ts";

test("trimTrailing() removes characters at the end, and reads a long run once", () => {
  expect(trimTrailing("http://x//", "/")).toBe("http://x");
  expect(trimTrailing("httpHeaderValue12", "0123456789")).toBe("httpHeaderValue");
  expect(trimTrailing("///", "/")).toBe("");
  const run = "/".repeat(3_000_000);
  expect(trimTrailing(`${run}x`, "/")).toHaveLength(3_000_001);
});
