import { expect, test } from "vitest";
import type { Field, Frame } from "../frame/frame.ts";
import type { FieldConfig } from "../model/field-config.ts";
import { FieldRanges, ownRange } from "./field-range.ts";

const column = (values: readonly (number | null)[], config: FieldConfig = {}): Field => ({
  name: "x",
  type: "number",
  values: Float64Array.from(values, (value) => value ?? 0),
  nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
  config,
});

const frame = (...fields: Field[]): Frame => ({ length: fields[0]!.values.length, fields });

test("rangeOf() covers all fields, or only the field itself if `fieldMinMax` is set; configured limits take precedence", () => {
  const wide = column([-5, 10]);
  const narrow = column([2, 3]);
  const own = column([4, 8], { fieldMinMax: true });
  const from = column([6, 7], { min: 1 });
  const fixed = column([6, 7], { min: 0, max: 1 });
  const ranges = new FieldRanges([frame(narrow, wide), frame(own, from), frame(fixed)]);
  expect([wide, narrow, own, from, fixed].map((field) => ranges.rangeOf(field))).toEqual([
    { min: -5, max: 10 },
    { min: -5, max: 10 },
    { min: 4, max: 8 },
    { min: 1, max: 10 },
    { min: 0, max: 1 },
  ]);
});

test("rangeOf() leaves out nulls and NaN, or counts nulls as zeros", () => {
  const field = column([3, null, NaN, 5]);
  expect(new FieldRanges([frame(field)]).rangeOf(field)).toEqual({ min: 3, max: 5 });
  const zero = column([3, null], { nullValueMode: "null as zero" });
  expect(new FieldRanges([frame(zero)]).rangeOf(zero)).toEqual({ min: 0, max: 3 });
});

test("ownRange() is 0 to 100 for a field without numbers, and 0 to 0 if all its values are null", () => {
  expect(ownRange({ name: "t", type: "string", values: ["a"], config: {} })).toEqual({ min: 0, max: 100 });
  expect(ownRange(column([]))).toEqual({ min: 0, max: 100 });
  expect(ownRange(column([null]))).toEqual({ min: 0, max: 0 });
  expect(ownRange(column([], { max: 7 }))).toEqual({ min: 0, max: 7 });
});
