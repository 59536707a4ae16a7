import type { Frame } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { logSelector } from "./log-selector.ts";

/** Returns a frame with a series for each label set. */
const frame = (series: readonly Readonly<Record<string, string>>[]): Frame => ({
  length: 1,
  fields: [
    { name: "Time", type: "time", values: Float64Array.of(1), config: {} },
    ...series.map(
      (labels) => ({ name: "Value", type: "number", labels, values: Float64Array.of(1), config: {} }) as const,
    ),
  ],
});

const API = { __name__: "up", job: "api", instance: "a:1", code: "200" };

test.each<[series: readonly Readonly<Record<string, string>>[], known: string[], selector: string | undefined]>([
  [[API], ["instance", "job", "pod", "__name__"], '{instance="a:1", job="api"}'],
  [
    [
      { ...API, instance: "b.c:1" },
      { ...API, instance: "a|b" },
    ],
    ["instance", "job"],
    String.raw`{instance=~"a\\|b|b\\.c:1", job="api"}`,
  ],
  [[API, { job: "db" }], ["instance", "job"], '{job=~"api|db"}'],
  [Array.from({ length: 51 }, (_, i) => ({ instance: String(i) })), ["instance"], undefined],
  [[API], ["toString", "constructor"], undefined],
  [[], ["job"], undefined],
])("series with the labels %j and a log source with %j have the selector %s", (series, known, selector) => {
  expect(logSelector([frame(series)], known)).toBe(selector);
});

test("a value never leaves its literal", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (value) => {
      const [, literal] = /^\{job=("(?:[^"\\]|\\.)*")\}$/s.exec(logSelector([frame([{ job: value }])], ["job"])!)!;
      expect(JSON.parse(literal!)).toBe(value);
    }),
    { numRuns: 1000 },
  );
});
