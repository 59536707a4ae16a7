import { expect, test } from "vitest";
import { withOpacity } from "./plot-theme.ts";
import { readableOn } from "./readable-text.ts";

test("readableOn() chooses what is told better from a colour, through which the ground may be seen", () => {
  expect(readableOn("#000000", "#ffffff")).toBe("#ffffff");
  expect(readableOn("#FADE2A", "#000000")).toBe("#101612");
  expect(readableOn("rgba(0, 0, 0, 0.1)", "#ffffff")).toBe("#101612");
  expect(readableOn("rgba(255, 255, 255, 0.1)", "#1b211d")).toBe("#ffffff");
  expect(readableOn(withOpacity("#ffff00", 1), "#1b211d")).toBe("#101612");
  expect(readableOn(withOpacity("#ffff00", 0), "#1b211d")).toBe("#ffffff");
  expect(readableOn("no colour", "#ffffff")).toBe("#101612");
});
