import { expect, test } from "vitest";
import { readHandling } from "./handling.ts";

test("only entries with a name and counts are read", () => {
  const entry = { alertname: "A", firings: 4, silenced: 1, inhibited: 0, acknowledged: 2 };
  const others = [null, 5, {}, { ...entry, alertname: 1 }, { ...entry, firings: "4" }];
  expect(readHandling(JSON.stringify([entry, ...others]))).toEqual(
    new Map([["A", { firings: 4, silenced: 1, acknowledged: 2 }]]),
  );
  expect(() => readHandling("{}")).toThrow("not a list");
  expect(() => readHandling("<html>")).toThrow();
});
