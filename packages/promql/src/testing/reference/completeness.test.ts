import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { RANGE_FUNCTIONS, SCALAR_FUNCTIONS, VECTOR_FUNCTIONS } from "../../functions/registry.ts";
import { FUNCTION_SIGNATURES } from "../../syntax/signatures.ts";
import { AGGREGATORS } from "../../syntax/token.ts";
import { BINARY_REFERENCES, CHOICE_REFERENCES, FOLD_REFERENCES } from "./operator-references.ts";
import { RANGE_REFERENCES } from "./range-references.ts";
import { VECTOR_REFERENCES } from "./vector-references.ts";

/** Functions whose result is a sorted order. functions/sort.test.ts tests these functions. */
const ORDERS = ["sort", "sort_desc", "sort_by_label", "sort_by_label_desc"];

test("every function has a simple reference implementation", () => {
  const references = [...Object.keys(RANGE_REFERENCES), ...Object.keys(VECTOR_REFERENCES), ...ORDERS];
  const known = [
    ...FUNCTION_SIGNATURES.keys(),
    ...Object.keys(RANGE_FUNCTIONS),
    ...Object.keys(VECTOR_FUNCTIONS),
    ...Object.keys(SCALAR_FUNCTIONS),
  ];
  expect(references.toSorted()).toEqual([...new Set(known)].toSorted());
});

test("every aggregation has a simple reference implementation", () => {
  const references = [
    ...Object.keys(FOLD_REFERENCES),
    ...Object.keys(CHOICE_REFERENCES),
    "count_values",
    "limit_ratio",
  ];
  expect(references.toSorted()).toEqual([...AGGREGATORS].toSorted());
});

test("every binary operator has a simple reference implementation", () => {
  const operators = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", "<=", ">", ">=", "</", ">/"];
  expect(Object.keys(BINARY_REFERENCES).toSorted()).toEqual(operators.toSorted());
});

/** Maps each operator to the test that compares it with a reference implementation. */
const COMPARED: Readonly<Record<string, string>> = {
  absent: "vector-functions",
  "aggregate-fold": "aggregations",
  aggregate: "aggregations",
  "aggregate-windows": "aggregate-windows",
  "binary-scalar": "binary-operators",
  binary: "binary-operators",
  "count-values": "aggregations",
  element: "binary-operators",
  "flat-spans": "span-windows",
  "float-kernels": "binary-operators",
  grouping: "aggregations",
  "histogram-groups": "vector-functions",
  map: "vector-functions",
  matching: "binary-operators",
  merge: "vector-functions",
  "metadata-labels": "vector-functions",
  "group-ids": "aggregations",
  "join-outputs": "binary-operators",
  "span-windows": "span-windows",
  "range-select": "selectors",
  "repeat-over-steps": "selectors",
  scalar: "vector-functions",
  select: "selectors",
  set: "binary-operators",
  shared: "shared",
  smooth: "selectors",
  subquery: "selectors",
  topk: "aggregations",
  window: "range-functions",
  "window-slots": "range-functions",
};
/** Source files that need no reference implementation: interfaces, and code that only counts or passes data on. */
const NOTHING_TO_COMPARE = [
  "aggregate-reader",
  "column-weight",
  "materialized-vector",
  "operator",
  "scale-sample-counts",
  "series-labels",
  "slices",
  "step-annotations",
  "stored-series",
];

test("every operator is compared with a simple reference implementation", () => {
  const folder = new URL("../../", import.meta.url);
  const files = readdirSync(new URL("operators/", folder));
  const operators = files.filter((name) => !name.endsWith(".test.ts")).map((name) => name.replace(/\.ts$/, ""));
  expect([...Object.keys(COMPARED), ...NOTHING_TO_COMPARE].toSorted()).toEqual(operators.toSorted());
  const tests = new Set([...files, ...readdirSync(new URL("functions/", folder))]);
  for (const name of Object.values(COMPARED)) expect(tests).toContain(`${name}.test.ts`);
});
