import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field } from "../frame/frame.ts";
import { reduceField, reduceTo } from "./reduce-field.ts";
import { findReducer, reducedType, reducers } from "./reducers.ts";
import type { NullValueMode } from "./null-value.ts";

interface Golden {
  readonly type: "number" | "time" | "string" | "boolean" | "other";
  readonly values: readonly unknown[];
  readonly mode: NullValueMode;
  readonly res: Readonly<Record<string, unknown>>;
}

// Expected results of reduceField of @grafana/data 13.2.3 with all reducers; NaN and infinities are texts.
// checks/golden.ts recomputes them.
const golden = JSON.parse(readFileSync(new URL("golden/reduce.json", import.meta.url), "utf8")) as readonly Golden[];

const special: Readonly<Record<string, number>> = { NaN, Infinity, "-Infinity": -Infinity };
const decoded = (value: unknown): unknown => (typeof value === "string" ? (special[value] ?? value) : value);

function columnOf(type: Golden["type"], values: readonly unknown[]): Field {
  if (type === "other") return { name: "x", type: "json", values, config: {} };
  if (type === "string") return { name: "x", type, values: values as (string | null)[], config: {} };
  if (type === "boolean") return { name: "x", type, values: values as (boolean | null)[], config: {} };
  return {
    name: "x",
    type,
    values: Float64Array.from(values, (value) => Number(value ?? 0)),
    nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
    config: {},
  };
}

/** Reports whether our result intentionally differs from Grafana's. */
const differs = ({ type, values, mode, res }: Golden, id: string): boolean => {
  const numeric = type === "number" || type === "time";
  const isOrdered = id === "median" || /^p\d/.test(id);
  // Grafana's sort has no defined order for NaN, texts and objects. Our reducers ignore NaN and return null for texts
  // and objects.
  if (isOrdered && (!numeric || values.includes("NaN"))) return true;
  // In this mode, our percentiles count null rows as zeros. Grafana returns null.
  if (isOrdered && mode === "null" && values.includes(null)) return true;
  // The median of no values is NaN in Grafana.
  if (id === "median" && res[id] === "NaN") return true;
  // For a column without a positive value, Grafana returns the largest double.
  if (id === "logmin" && res[id] === Number.MAX_VALUE) return true;
  // Skips `nonNullCount` and `previousDeltaUp` for a column without rows: users cannot choose these reducers, so their
  // results do not matter.
  return values.length === 0 && (id === "nonNullCount" || id === "previousDeltaUp");
};

test("reduceField() gives Grafana's results for every reducer, type and null mode", () => {
  let compared = 0;
  for (const line of golden) {
    const field = columnOf(line.type, line.values.map(decoded));
    const results = reduceField(field, Object.keys(line.res), line.mode);
    for (const [id, value] of Object.entries(line.res)) {
      if (differs(line, id)) continue;
      const expected = Array.isArray(value) ? value.map(decoded) : decoded(value);
      // Grafana omits most results of a column without rows, so our own result is expected there.
      expect([line.type, line.values, line.mode, id, results.get(id) ?? null]).toEqual([
        line.type,
        line.values,
        line.mode,
        id,
        emptyAsOurs(line, id) ?? expected,
      ]);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(1_500);
});

/** Returns our result for a column without rows: an empty list or 0. Grafana has no result. */
function emptyAsOurs({ values }: Golden, id: string): unknown {
  if (values.length > 0) return undefined;
  if (id === "allValues" || id === "uniqueValues") return [];
  return id === "changeCount" || id === "distinctCount" ? 0 : undefined;
}

const cell = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, 0, -1, 1, Infinity, -Infinity) },
);

test("reduceField() agrees with a computation on plain arrays", () =>
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 99 }), (cells, percent) => {
      const field = columnOf("number", cells);
      const there = cells.filter((value) => value !== null && !Number.isNaN(value)) as number[];
      const ordered = there.toSorted((a, b) => a - b);
      // Converts -0 to 0, because the sign of zero depends on the order of values.
      const unsigned = (value: unknown): unknown => (value === 0 ? 0 : value);
      const is = (id: string, value: unknown): void => expect(unsigned(reduceTo(field, id))).toEqual(unsigned(value));
      is("count", cells.filter((value) => value !== null).length);
      is("countAll", cells.length);
      is("first", cells[0]);
      is("last", cells.at(-1));
      is("firstNotNull", there[0] ?? null);
      is("lastNotNull", there.at(-1) ?? null);
      is("allIsNull", there.length === 0);
      is("allIsZero", there.length > 0 && there.every((value) => value === 0));
      is(`p${percent}`, ordered.length === 0 ? null : ordered[Math.round((ordered.length - 1) * (percent / 100))]);
      is("uniqueValues", [...new Set(cells)]);
      is("max", there.every((value) => value === -Infinity) ? null : there.reduce((a, b) => Math.max(a, b), -Infinity));
      is(
        "logmin",
        there.filter((value) => value > 0 && value < Infinity).reduce((a, b) => Math.min(a, b), Infinity) === Infinity
          ? null
          : Math.min(...there.filter((value) => value > 0)),
      );
    }),
  ));

test("reduceField() returns results under the requested ids, including old names", () => {
  const field = columnOf("number", [1, 2, 6]);
  expect([...reduceField(field, ["avg", "current", "total", "mean"])]).toEqual([
    ["avg", 3],
    ["current", 6],
    ["total", 9],
    ["mean", 3],
  ]);
});

test("reduceField() leaves out unknown ids", () => {
  const field = columnOf("number", [1]);
  const unknown = ["__proto__", "constructor", "p0", "p100", "p1.5", "p", "", "toString"];
  expect(reduceField(field, unknown).size).toBe(0);
  expect(reduceTo(field, "nope")).toBeNull();
});

test("reduceField() handles nulls as the column's settings say", () => {
  const field: Field = { ...columnOf("number", [4, null]), config: { nullValueMode: "null as zero" } };
  expect(reduceTo(field, "mean")).toBe(2);
  expect(reduceTo(field, "lastNotNull")).toBe(0);
});

test("reducers have unique ids and names, and a description for a picker", () => {
  expect(new Set(reducers.map(({ id }) => id)).size).toBe(reducers.length);
  expect(new Set(reducers.map(({ name }) => name)).size).toBe(reducers.length);
  expect(reducers.every(({ description }) => description !== "")).toBe(true);
  expect(["p1", "p2", "p3", "p11", "p12", "p13", "p22", "p99"].map((id) => findReducer(id)?.name)).toEqual([
    "1st %",
    "2nd %",
    "3rd %",
    "11th %",
    "12th %",
    "13th %",
    "22nd %",
    "99th %",
  ]);
});

test("reducedType() returns the type of the results", () => {
  expect([reducedType("count", "string"), reducedType("allIsNull", "number"), reducedType("last", "string")]).toEqual([
    "number",
    "boolean",
    "string",
  ]);
});
