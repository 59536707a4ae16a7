import { isBinaryUnit } from "../units/unit-formatter.ts";

/** Distances between labels for units with binary prefixes, such as KiB: powers of two. */
const BINARY_STEPS = Array.from({ length: 74 }, (_, power) => 2 ** (power - 4));

const SIXTIETHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200];

/** Distances between labels for durations, in seconds: parts of a second, minute, hour and day, then whole days. */
const SECOND_STEPS = [
  ...Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** (power - 9))).flat(),
  ...SIXTIETHS,
  ...Array.from({ length: 8 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power * 86_400)).flat(),
];
const MILLISECOND_STEPS = SECOND_STEPS.map((step) => step * 1000);

/** Returns suitable distances between labels for a unit. Returns undefined if decimal distances are suitable. */
export function tickSteps(unit: string): readonly number[] | undefined {
  if (isBinaryUnit(unit)) return BINARY_STEPS;
  if (unit === "s") return SECOND_STEPS;
  return unit === "ms" ? MILLISECOND_STEPS : undefined;
}
