import { expect, test } from "vitest";
import {
  mappingRows,
  movedMapping,
  withCondition,
  withKey,
  withNewRow,
  withoutRow,
  withResult,
} from "./mapping-rows.ts";

const mappings = [
  { type: "value", options: { "1": { text: "up", index: 0 }, "0": { text: "down", index: 1 } }, "x-own": 1 },
  "nothing",
  { type: "range", options: { from: 1, to: null, result: { color: "red", "x-result": 2 } } },
];

test("a value mapping has a row for each value", () => {
  expect(mappingRows(mappings).map(({ at, key, type }) => [at, key, type])).toEqual([
    [0, "0", "value"],
    [0, "1", "value"],
    [2, undefined, "range"],
  ]);
  expect(mappingRows("no list")).toEqual([]);
});

test("a change of a row keeps unknown properties", () => {
  const [, up, range] = mappingRows(mappings);
  expect(withResult(mappings, range!, { text: "much" })[2]).toEqual({
    type: "range",
    options: { from: 1, to: null, result: { color: "red", "x-result": 2, text: "much" } },
  });
  expect(withCondition(mappings, range!, { to: 5 })[2]).toMatchObject({ options: { from: 1, to: 5 } });
  expect(withKey(mappings, up!, "one")[0]).toMatchObject({ options: { one: { text: "up" } }, "x-own": 1 });
  // The key "0" is refused, because another row already maps this value.
  expect(withKey(mappings, up!, "0")).toBe(mappings);
  expect(withoutRow(mappings, up!)[0]).toMatchObject({ options: { "0": { text: "down" } } });
  expect(withoutRow(mappings, range!)).toHaveLength(2);
  expect(movedMapping(mappings, 2, -1).map((one) => typeof one)).toEqual(["object", "object", "string"]);
});

test("a new row is added at the end", () => {
  expect(withNewRow(mappings, "value").at(-1)).toEqual({ type: "value", options: { "": { index: 3 } } });
  expect(withNewRow(withNewRow([], "value"), "value")).toEqual([
    { type: "value", options: { "": { index: 0 }, "value 1": { index: 1 } } },
  ]);
  expect(withNewRow([], "special")).toEqual([{ type: "special", options: { match: "null", result: { index: 0 } } }]);
});
