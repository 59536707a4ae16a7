import { expect, test } from "vitest";
import { wouldFireText } from "./would-fire.ts";

test.each([
  [180_000, "would fire in 3m"],
  [1, "would fire in 1s"],
  [0, "would fire at the next evaluation"],
  [-5000, "would fire at the next evaluation"],
])("%i ms before its time, a pending alert %s", (rest, text) =>
  expect(wouldFireText(1_000_000 + rest, 1_000_000)).toBe(text),
);
