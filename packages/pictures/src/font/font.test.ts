import { expect, test } from "vitest";
import { glyphOf, textWidth } from "./font.ts";
import { fittingText, shownText } from "./shown-text.ts";

test("wide letters are wider than narrow letters, and digits have equal widths", () => {
  expect(textWidth("W", 10)).toBeGreaterThan(2 * textWidth("i", 10));
  expect(new Set(Array.from("0123456789", (digit) => textWidth(digit, 10))).size).toBe(1);
  expect(textWidth("ab", 20)).toBe(textWidth("a", 20) + textWidth("b", 20));
});

test("letters of European languages have outlines, other letters have a common sign", () => {
  for (const letter of "Aäßçłőπжїλ€…→≥µ") expect(glyphOf(letter).contours.length).toBeGreaterThan(0);
  expect(glyphOf("ж")).not.toBe(glyphOf("漢"));
  expect(glyphOf("漢")).toBe(glyphOf("\u{fffd}"));
  expect(glyphOf(" ").contours).toEqual([]);
});

test("a letter is between its baseline and the top of the line", () => {
  const [outer] = glyphOf("H").contours;
  expect(outer!.ys.toSorted().at(-1)).toBeCloseTo(0);
  expect(outer!.ys.toSorted()[0]).toBeCloseTo(-0.73, 2);
});

test("a long text is cut with an ellipsis at its room", () => {
  const cut = fittingText("a long text without room", 11, 60);
  expect(cut).toMatch(/^a lon.*…$/);
  expect(textWidth(cut, 11)).toBeLessThanOrEqual(60);
  expect(fittingText("short", 11, 60)).toBe("short");
  expect(fittingText("text", 11, 2)).toBe("");
  expect(fittingText("x".repeat(1_000_000), 11, 1e6)).toHaveLength(301);
});

test("control characters and marks of direction become spaces, lone surrogates a sign", () => {
  expect(shownText("a\nb\u202ec\u0000d\ud800")).toBe("a b c d\u{fffd}");
  expect(shownText("u\u0308")).toBe("ü");
});
