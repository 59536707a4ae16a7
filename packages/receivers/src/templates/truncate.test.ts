import { expect, test } from "vitest";
import { firstBytes, truncateBytes, truncateRunes } from "./truncate.ts";

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdefg", 6, "abcde…"],
  ["𝛂𝛂𝛂𝛂𝛂𝛂", 6, "𝛂𝛂𝛂𝛂𝛂𝛂"],
  ["𝛂𝛂𝛂𝛂𝛂𝛂𝛂", 6, "𝛂𝛂𝛂𝛂𝛂…"],
])("%s is at most %i code points long: %s", (text, limit, cut) => {
  expect(truncateRunes(text, limit)).toBe(cut);
});

test.each([
  ["abcdef", 6, "abcdef"],
  ["abcdefg", 6, "abc…"],
  ["éééé", 7, "éé…"],
  ["éééé", 8, "éééé"],
  ["a𝛂b𝛂", 9, "a𝛂b…"],
])("%s is at most %i bytes long: %s", (text, limit, cut) => {
  expect(truncateBytes(text, limit)).toBe(cut);
});

test("a text is cut between characters", () => {
  expect(["é€𝛂"].flatMap((text) => [0, 1, 2, 4, 5, 8, 9, 20].map((limit) => firstBytes(text, limit)))).toEqual([
    "",
    "",
    "é",
    "é",
    "é€",
    "é€",
    "é€𝛂",
    "é€𝛂",
  ]);
});
