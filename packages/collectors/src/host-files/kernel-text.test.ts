import { expect, test } from "vitest";
import { rangeListOf } from "./kernel-text.ts";

test.each([
  ["0-3,7\n", [0, 1, 2, 3, 7]],
  ["5", [5]],
  ["\n", []],
])("rangeListOf(%j)", (text, numbers) => {
  expect(rangeListOf(text)).toEqual(numbers);
});

test("rangeListOf() refuses a list that would exhaust the memory", () => {
  expect(() => rangeListOf("0-99999999999")).toThrow("the list 0-99999999999 has more than 65536 numbers");
  expect(() => rangeListOf("9007199254740992-9007199254740994")).toThrow("more than 65536 numbers");
  expect(() => rangeListOf("0-60000,0-60000")).toThrow("more than 65536 numbers");
});
