import { expect, test } from "vitest";
import { behaviourTexts } from "./behaviour-text.ts";

test("a behaviour is described part by part", () => {
  const place = { file: "b.yml", line: 1 };
  expect(
    behaviourTexts({
      ...place,
      onNoData: "keep",
      recovery: "load < 80",
      recoveryThreshold: "< 80",
      flapDamping: { maxChanges: 4, window: 3600 },
    }),
  ).toEqual(["stays as it is without data", "recovers below 80", "at most 4 changes in 1h"]);
  expect(behaviourTexts({ ...place, recovery: "a > 5", recoveryThreshold: "> 5" })).toEqual(["recovers above 5"]);
  expect(behaviourTexts({ ...place, onNoData: "fire", recovery: "up == 1" })).toEqual([
    "fires without data",
    "recovers when up == 1",
  ]);
});
