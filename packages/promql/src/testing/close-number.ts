import { expect } from "vitest";

/** Relative difference that two results may have because their numbers were added in a different order. */
const TOLERANCE = 1e-8;

/**
 * A number that `toEqual()` compares with a tolerance. Rounding both numbers before the comparison would not suffice,
 * because close numbers may be rounded in different directions.
 */
class CloseNumber {
  readonly value: number;
  readonly floor: number;

  constructor(value: number, floor: number) {
    this.value = value;
    this.floor = floor;
  }

  equals({ value }: CloseNumber): boolean {
    const largest = Math.max(Math.abs(this.value), Math.abs(value));
    return Math.abs(this.value - value) <= Math.max(TOLERANCE * largest, this.floor);
  }
}

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined =>
    a instanceof CloseNumber && b instanceof CloseNumber ? a.equals(b) : undefined,
]);

/**
 * Returns a value that `toEqual()` compares with a tolerance. NaN and infinities are returned as text.
 * @param floor absolute difference that is tolerated if large numbers cancel out
 */
export const closeNumber = (value: number, floor = 1e-9): CloseNumber | string =>
  Number.isFinite(value) ? new CloseNumber(value, floor) : String(value);
