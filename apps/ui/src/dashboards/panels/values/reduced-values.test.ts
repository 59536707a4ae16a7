import type { Field, FieldConfig, Frame } from "@narthex/dashboards";
import { withPresent, joinFormatted } from "@narthex/dashboards";
import { describe, expect, test } from "vitest";
import { fieldViews } from "../../data/panel/field-views.ts";
import { readOptions } from "../../contracts/option-table.ts";
import { reduceOptions } from "./options.ts";
import { reducedValues, shareOf } from "./reduced-values.ts";

const time = (count: number): Field => ({
  name: "Time",
  type: "time",
  values: Float64Array.from({ length: count }, (_, at) => at * 60_000),
  config: {},
});
const numbers = (name: string, values: readonly number[], config: FieldConfig = {}, labels = {}): Field => ({
  name,
  type: "number",
  values: Float64Array.from(values),
  labels,
  config,
});
const frame = (...fields: Field[]): Frame => ({ length: fields[0]!.values.length, fields });

const reduce = (frames: readonly Frame[], options: object, extra = {}) =>
  reducedValues(frames, readOptions(reduceOptions, { ...options }), {
    ...fieldViews(frames, { scheme: "dark", zone: "UTC", now: 0, lookup: () => undefined }),
    scheme: "dark",
    zone: "UTC",
    ...extra,
  });
const shown = (frames: readonly Frame[], options: object) =>
  reduce(frames, options).values.map(({ name, display }) => `${name}: ${joinFormatted(display)}`);

const wide = frame(
  time(3),
  numbers("in", [1, 2, 3], { unit: "percent" }),
  numbers("out", [6, 5, NaN], { unit: "percent" }),
);

describe("reducedValues()", () => {
  test("returns one value for each number field and reducer", () => {
    expect(shown([wide], {})).toEqual(["in: 3%", "out: 5%"]);
    expect(shown([wide], { reduceOptions: { calcs: ["max", "min"] } })).toEqual([
      "in: 3%",
      "in: 1%",
      "out: 6%",
      "out: 5%",
    ]);
  });

  test("returns the difference of each value from the comparison period, if the period has this value", () => {
    const was = frame(time(3), numbers("in", [1, 2, 2], { unit: "percent" }));
    const earlier = withPresent([wide], [was], { shiftMs: 0, words: "1 day earlier" });
    expect(reduce([wide], {}, { earlier }).values.map((value) => value.earlier)).toEqual([
      { numeric: 2, text: "2% 1 day earlier", difference: "+1 points, +50%" },
      undefined,
    ]);
  });

  test("fills the variables of a row in its display name", () => {
    const names: Field = { name: "city", type: "string", values: ["Rome", "Oslo"], config: {} };
    const options = { reduceOptions: { values: true } };
    for (const displayName of ["${__cell_0} in winter", "$__cell_0 in winter", "${__data.fields.city} in winter"])
      expect(shown([frame(names, numbers("n", [1, 2], { displayName }))], options)).toEqual([
        "Rome in winter: 1",
        "Oslo in winter: 2",
      ]);
  });

  test("shows the text of a row whose unit is string", () => {
    const version: Field = { name: "version", type: "string", values: ["2026.44.0"], config: { unit: "string" } };
    const options = { reduceOptions: { values: true, calcs: ["mean"], fields: "/^version$/" } };
    expect(shown([frame(version)], options)).toEqual(["version: 2026.44.0"]);
  });

  test("selects the fields whose name matches an expression, including text fields", () => {
    const texts: Field = { name: "version", type: "string", values: ["1.2", "1.3"], config: {} };
    const frames = [frame(time(2), numbers("a", [1, 2]), texts)];
    expect(shown(frames, { reduceOptions: { fields: "/^version$/" } })).toEqual(["version: 1.3"]);
    expect(shown(frames, { reduceOptions: { fields: "a" } })).toEqual(["a: 2"]);
    expect(shown(frames, { reduceOptions: { fields: "(((" } })).toEqual([]);
  });

  test("returns the value of every row up to the limit, named by the texts of the row", () => {
    const hosts: Field = { name: "host", type: "string", values: ["x", "y", "z"], config: {} };
    const frames = [frame(hosts, numbers("load", [1, 2, 3]))];
    expect(shown(frames, { reduceOptions: { values: true } })).toEqual(["x: 1", "y: 2", "z: 3"]);
    expect(shown(frames, { reduceOptions: { values: true, limit: 2 } })).toEqual(["x: 1", "y: 2"]);
    const two = [frame(hosts, numbers("load", [1, 2, 3]), numbers("mem", [4, 5, 6]))];
    expect(shown(two, { reduceOptions: { values: true, limit: 4 } })).toEqual([
      "x load: 1",
      "y load: 2",
      "z load: 3",
      "x mem: 4",
    ]);
  });

  test("gives each row its own colour if the colour mode depends on the order of series", () => {
    const config = { color: { mode: "palette-classic" } };
    const { values } = reduce([frame(numbers("n", [1, 2], config))], { reduceOptions: { values: true } });
    expect(values[0]!.display.color).not.toBe(values[1]!.display.color);
  });

  test("replaces the variable for the reducer in a name", () => {
    const frames = [frame(time(2), numbers("n", [1, 2], { displayName: "${__calc} of n" }))];
    expect(shown(frames, { reduceOptions: { calcs: ["max"] } })).toEqual(["max of n: 2"]);
  });

  test("gives values with equal names different keys, and returns sparkline and change if requested", () => {
    const frames = [frame(time(2), numbers("n", [4, 6])), frame(time(2), numbers("n", [1, 1]))];
    const { values } = reduce(frames, {}, { withSparks: true, withChange: true });
    expect(new Set(values.map(({ key }) => key)).size).toBe(2);
    expect(values.map(({ change }) => change)).toEqual([0.5, 0]);
    expect(values[0]!.spark?.times.values.length).toBe(2);
    expect(reduce(frames, {}).values[0]!.spark).toBeUndefined();
  });

  test("limits the number of values, and returns the number of values that are left out", () => {
    const frames = Array.from({ length: 10_000 }, (_, at) => frame(numbers(`n${at}`, [at])));
    const { values, left } = reduce(frames, { reduceOptions: { calcs: ["max", "min"] } });
    expect(values.length).toBe(500);
    expect(left).toBe(19_500);
  });

  test("accepts options of any type", () => {
    for (const bad of [null, 3, "x", [], { values: "x", calcs: 3, fields: {}, limit: "no" }])
      expect(() => reduce([wide], { reduceOptions: bad, orientation: bad })).not.toThrow();
    expect(reduce([], {}).values).toEqual([]);
  });
});

test("shareOf() is between 0 and 1, even for an empty range", () => {
  expect([5, -5, 20, NaN].map((value) => shareOf(value, { min: 0, max: 10 }))).toEqual([0.5, 0, 1, 0]);
  expect([0, 1].map((value) => shareOf(value, { min: 0, max: 0 }))).toEqual([0, 1]);
});
