import { expect, test } from "vitest";
import { shortNumber } from "./short-number.ts";

test.each([
  ["9.1234567890123e-01", "0.912346"],
  ["1e+00", "1"],
  ["1234567.25", "1234570"],
  ["-0.1000000001", "-0.1"],
  ["NaN", "NaN"],
  ["+Inf", "+Inf"],
  ["", ""],
])("shortNumber(%j) is %j", (text, short) => expect(shortNumber(text)).toBe(short));
