import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnOf } from "../frame/column.ts";
import type { Field, Frame } from "../frame/frame.ts";
import { frameArbitrary, strings, table, times } from "../testing/frames.ts";
import { Options } from "./options.ts";
import { TransformationError, type TransformRun } from "./transformation.ts";
import { transformations } from "./transformations.ts";

/**
 * Generates frames with few different column names, so that the tested options match some columns. The columns also
 * have random labels.
 */
const hostileFrame: fc.Arbitrary<Frame> = fc.integer({ min: 0, max: 8 }).chain((length) => {
  const list = (value: fc.Arbitrary<unknown>) => fc.array(value, { minLength: length, maxLength: length });
  const label = fc.tuple(fc.constantFrom("host", "job", "a", "b", "c", "d", "e"), fc.constantFrom("x", "y", "z"));
  const labels = fc.array(label, { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs));
  const time = list(fc.constantFrom(1, 2, 3, 10, 1000, null)).map((values) => times(values));
  const value = fc
    .tuple(fc.constantFrom("Value", "v"), labels, list(fc.constantFrom(0, 1, 2.5, -7, 1e6, NaN, null)))
    .map(([name, own, values]) => columnOf({ name, labels: own }, "number", values));
  const text = fc
    .tuple(fc.constantFrom("host", "job", "json"), list(fc.constantFrom("x", "y", '{"p":1,"q":2}', "k=1,l=2", null)))
    .map(([name, values]) => strings(name, values));
  const fields = fc
    .tuple(fc.option(time, { nil: undefined }), fc.array(fc.oneof(value, text), { minLength: 1, maxLength: 5 }))
    .map(([first, rest]): Field[] => (first === undefined ? rest : [first, ...rest]));
  return fc.tuple(fc.constantFrom("A", "B"), fields).map(([refId, all]) => table(all, { refId }));
});

const reducers = ["max", "allValues", "last", "max", "count", "uniqueValues"];

const optionsOf: Readonly<Record<string, readonly object[]>> = {
  calculateField: [
    { mode: "reduceRow", reduce: { reducer: "sum" } },
    { mode: "index" },
    { mode: "binary", binary: { left: { matcher: { id: "byType", options: "number" } }, operator: "*", right: "2" } },
    { mode: "cumulativeFunctions", cumulative: { field: "Value" }, timeSeries: false },
  ],
  concatenate: [{}, { frameNameMode: "label" }],
  configFromData: [{ configRefId: "A" }],
  convertFieldType: [{ conversions: [{ targetField: "Value", destinationType: "string" }] }],
  extractFields: [
    { source: "json", keepTime: true },
    { source: "json", format: "json", jsonPaths: [{ path: "p" }, { path: "q", alias: "r" }] },
    { source: "host", format: "delimiter" },
  ],
  filterByValue: [
    { type: "include", filters: [{ fieldName: "Value", config: { id: "greater", options: { value: 0 } } }] },
  ],
  formatString: [{ stringField: "host" }],
  groupBy: [
    {
      fields: {
        host: { operation: "groupby", aggregations: [] },
        Value: { operation: "aggregate", aggregations: reducers },
      },
    },
  ],
  groupToNestedTable: [
    { fields: { host: { operation: "groupby" }, Value: { operation: "aggregate", aggregations: reducers } } },
  ],
  groupingToMatrix: [{ columnField: "host", rowField: "Time", valueField: "Value" }],
  heatmap: [{}, { keepOriginalData: true, xBuckets: { mode: "count", value: "7" } }],
  histogram: [{}, { bucketSize: 0.5 }],
  joinByField: [{}, { mode: "inner", byField: "host" }, { mode: "outerTabular", byField: "host" }, { byField: "host" }],
  joinByLabels: [{ value: "host" }, { value: "job", join: ["a", "b", "none"] }],
  labelsToFields: [{}, { mode: "rows" }, { mode: "rows", keepLabels: ["a", "b", "c", "d", "e", "f"] }],
  partitionByValues: [{ fields: ["host"], keepFields: true }],
  prepareTimeSeries: [{ format: "wide" }, { format: "multi" }, { format: "long" }],
  reduce: [{ reducers }, { reducers, labelsToFields: true }, { reducers, mode: "reduceFields" }],
  regression: [{ xFieldName: "Time", yFieldName: "Value", predictionCount: 500 }],
  smoothing: [{ resolution: 1000 }],
  timeSeriesTable: [{}],
};

const cellsOf = (frames: readonly Frame[], known: ReadonlySet<unknown> = new Set()): number =>
  frames.reduce(
    (sum, { fields }) =>
      sum +
      fields.reduce((cells, field) => {
        const nested =
          field.type === "frame"
            ? cellsOf(
                field.values.filter((one) => one !== null),
                known,
              )
            : 0;
        return cells + nested + (known.has(field.values) ? 0 : field.values.length);
      }, 0),
    0,
  );

function claimedBy(claims: { cells: number; columns: number }): TransformRun {
  return {
    timeZone: "UTC",
    interpolate: (text) => text,
    claim: (cells, columns = 0) => {
      claims.cells += cells;
      claims.columns += columns;
      if (!(claims.cells <= 100_000)) throw new TransformationError("too many");
    },
  };
}

describe("transformations", () => {
  test.each(transformations.map((kind) => [kind.id, kind] as const))(
    "%s creates at most as many cells as its input has plus those that it claimed",
    (id, kind) => {
      const options = fc.constantFrom(...(optionsOf[id] ?? [{}]));
      const frames = fc.array(fc.oneof({ weight: 4, arbitrary: hostileFrame }, frameArbitrary), { maxLength: 5 });
      fc.assert(
        fc.property(frames, options, (all, own) => {
          const claims = { cells: 0, columns: 0 };
          let result: readonly Frame[];
          try {
            result = kind.apply(
              all,
              new Options({ ...kind.defaultOptions, ...own }, (text) => text),
              claimedBy(claims),
            );
          } catch (error) {
            if (error instanceof TransformationError) return;
            throw error;
          }
          const known = new Set(all.flatMap(({ fields }) => fields.map(({ values }) => values)));
          expect(cellsOf(result, known)).toBeLessThanOrEqual(cellsOf(all) + claims.cells);
          for (const { fields, length } of result) for (const { values } of fields) expect(values.length).toBe(length);
        }),
        { numRuns: 120 },
      );
    },
  );
});
