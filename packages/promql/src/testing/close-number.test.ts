import { expect, test } from "vitest";
import { closeNumber } from "./close-number.ts";

test("numbers that differ only by a rounding error are equal, others are not", () => {
  expect({ a: [closeNumber(0.64356435649999)] }).toEqual({ a: [closeNumber(0.64356435650001)] });
  expect({ a: [closeNumber(1)] }).not.toEqual({ a: [closeNumber(1.0000001)] });
  expect([closeNumber(1e-12)]).toEqual([closeNumber(0)]);
  expect([closeNumber(1e-12, 0)]).not.toEqual([closeNumber(0, 0)]);
  expect([closeNumber(NaN)]).toEqual([closeNumber(NaN)]);
  expect([closeNumber(Infinity)]).not.toEqual([closeNumber(-Infinity)]);
  expect([closeNumber(0)]).not.toEqual([0]);
});
