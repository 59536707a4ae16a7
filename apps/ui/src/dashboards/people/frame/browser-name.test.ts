import { expect, test } from "vitest";
import { browserName } from "./browser-name.ts";

test.each([
  ["Firefox", "Linux", "Firefox on Linux"],
  ["curl", "", "curl"],
  ["", "", "Unknown browser"],
  ["x".repeat(100), "Linux", `${"x".repeat(60)} on Linux`],
])("the program %j on the system %j is shown as %j", (browser, os, shown) => {
  expect(browserName({ browser, os })).toBe(shown);
});
