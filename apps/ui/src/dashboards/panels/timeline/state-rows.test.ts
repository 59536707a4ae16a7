import { type Field, type FieldConfig, fieldDisplay, type Frame, joinFormatted, ownRange } from "@narthex/dashboards";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type StatePlan, planStates, type StateSettings, spanAt } from "./state-rows.ts";

function frame(
  values: readonly (number | string | null)[],
  config: FieldConfig = {},
  times: readonly number[] = values.map((_value, index) => index * 10),
  interval?: number,
): Frame {
  const isNumber = values.every((value) => value === null || typeof value === "number");
  const field: Field = isNumber
    ? {
        name: "v",
        type: "number",
        config,
        values: Float64Array.from(values, (value) => value ?? 0),
        nulls: Uint8Array.from(values, (value) => (value === null ? 1 : 0)),
      }
    : { name: "v", type: "string", config, values: values as (string | null)[] };
  const time: Field = {
    name: "Time",
    type: "time",
    config: interval === undefined ? {} : { interval },
    values: Float64Array.from(times),
  };
  return { length: values.length, fields: [time, field] };
}

const settings: StateSettings = {
  shape: "spans",
  mergesValues: true,
  range: { from: 0, to: 100 },
  viewOf: (field) => {
    const display = fieldDisplay(field, { theme: "light" });
    return {
      name: field.name,
      color: "#000000",
      range: ownRange(field),
      display,
      text: (value) => joinFormatted(display(value)),
      colorOf: (value) => display(value).color,
    };
  },
};

const shown = ({ rows, states }: StatePlan): unknown =>
  rows.map((row) => Array.from(row.states, (state, at) => [row.starts[at], row.ends[at], states[state]!.text]));
const planned = (
  values: readonly (number | string | null)[],
  config?: FieldConfig,
  other: Partial<StateSettings> = {},
) => shown(planStates([frame(values, config)], { ...settings, ...other }));

test("successive equal values are one stretch, and the last stretch extends to the end of the range", () => {
  expect(planned(["a", "a", "b", "a"])).toEqual([
    [
      [0, 20, "a"],
      [20, 30, "b"],
      [30, 100, "a"],
    ],
  ]);
  expect(planned(["a", "a"], {}, { mergesValues: false })).toEqual([
    [
      [0, 10, "a"],
      [10, 100, "a"],
    ],
  ]);
});

test("nulls are gaps, which are bridged if the row's settings say so", () => {
  expect(planned([1, null, 1])).toEqual([
    [
      [0, 10, "1"],
      [20, 100, "1"],
    ],
  ]);
  expect(planned([1, null, 1], { custom: { spanNulls: true } })).toEqual([[[0, 100, "1"]]]);
  expect(planned([1, null, 1], { custom: { spanNulls: 20 } })).toEqual([[[0, 100, "1"]]]);
  expect(planned([1, null, 1], { custom: { spanNulls: 19 } })).toEqual([
    [
      [0, 10, "1"],
      [20, 100, "1"],
    ],
  ]);
  expect(planned([1, 2], { custom: { insertNulls: 5 } })).toEqual([
    [
      [0, 5, "1"],
      [10, 15, "2"],
    ],
  ]);
});

const up = (config: FieldConfig, range = { from: 0, to: 100 }) =>
  shown(planStates([frame([1, 1, 1, 0, 1], config, [0, 10, 20, 60, 70], 10)], { ...settings, range }));

test("a state ends one step of the data source after the last sample, so that a vanished target is not drawn as up", () => {
  expect(up({})).toEqual([
    [
      [0, 30, "1"],
      [60, 70, "0"],
      [70, 80, "1"],
    ],
  ]);
  expect(up({}, { from: 0, to: 75 })).toEqual([
    [
      [0, 30, "1"],
      [60, 70, "0"],
      [70, 75, "1"],
    ],
  ]);
  // The setting `insertNulls` of the field takes precedence over the data source's step.
  expect(up({ custom: { insertNulls: 25 } })).toEqual([
    [
      [0, 45, "1"],
      [60, 70, "0"],
      [70, 95, "1"],
    ],
  ]);
});

test("spanNulls connects the states before and after missing samples, but never extends the last state to the end of the range", () => {
  const bridged = [
    [
      [0, 60, "1"],
      [60, 70, "0"],
      [70, 80, "1"],
    ],
  ];
  expect(up({ custom: { spanNulls: true } })).toEqual(bridged);
  expect(up({ custom: { spanNulls: 40 } })).toEqual(bridged);
  expect(up({ custom: { spanNulls: 39 } })).not.toEqual(bridged);
  expect(planned([1, null], { custom: { spanNulls: true } })).toEqual([[[0, 10, "1"]]]);
});

test("if null is mapped to a state, times without samples have this state", () => {
  const mappings: FieldConfig["mappings"] = [
    { type: "special", options: { match: "null", result: { text: "silent", color: "red" } } },
  ];
  expect(up({ mappings, custom: { spanNulls: true } }, { from: -30, to: 100 })).toEqual([
    [
      [-30, 0, "silent"],
      [0, 30, "1"],
      [30, 60, "silent"],
      [60, 70, "0"],
      [70, 80, "1"],
      [80, 100, "silent"],
    ],
  ]);
  expect(planned([1, null, 1], { mappings })).toEqual([
    [
      [0, 10, "1"],
      [10, 20, "silent"],
      [20, 100, "1"],
    ],
  ]);
});

test("a second time column contains the ends of the states", () => {
  const { fields, length } = frame(["a", "b", "c", "c"], {}, [0, 20, 40, 60]);
  const ends: Field = {
    name: "end",
    type: "time",
    config: {},
    values: Float64Array.of(10, 40, 0, 70),
    nulls: Uint8Array.of(0, 0, 1, 0),
  };
  expect(shown(planStates([{ length, fields: [...fields, ends] }], settings))).toEqual([
    [
      [0, 10, "a"],
      [20, 40, "b"],
      [40, 70, "c"],
    ],
  ]);
});

test("values between the same thresholds are one state, but a mapping separates them", () => {
  const config: FieldConfig = {
    color: { mode: "thresholds" },
    thresholds: {
      mode: "absolute",
      steps: [
        { value: -Infinity, color: "green" },
        { value: 50, color: "red" },
      ],
    },
    mappings: [{ type: "value", options: { 0: { text: "off", color: "blue" } } }],
  };
  expect(planned([1, 20, 70, 50, 0], config)).toEqual([
    [
      [0, 20, "< 50"],
      [20, 40, "50+"],
      [40, 100, "off"],
    ],
  ]);
  expect(planned([1, 20], config, { mergesValues: false })).toEqual([
    [
      [0, 10, "1"],
      [10, 100, "20"],
    ],
  ]);
});

test("each sample is a box around its time, as wide as the smallest step", () => {
  expect(planned(["a", null, "b"], {}, { shape: "samples" })).toEqual([
    [
      [-5, 5, "a"],
      [15, 25, "b"],
    ],
  ]);
});

test("hidden rows and frames without times are left out, with any settings of the rows", () => {
  expect(planned([1], { custom: { hideFrom: { viz: true } } })).toEqual([]);
  expect(planned([1], { custom: { spanNulls: {}, insertNulls: "x", fillOpacity: [] } })).toEqual([[[0, 100, "1"]]]);
  expect(
    planStates([{ length: 1, fields: [{ name: "a", type: "string", values: ["x"], config: {} }] }], settings).rows,
  ).toEqual([]);
});

test("at each time a row has the state of the last value, for any values", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 2 })), { minLength: 1, maxLength: 9 }), (values) => {
      const { rows, states } = planStates([frame(values)], settings);
      values.forEach((value, index) => {
        const at = spanAt(rows[0]!, index * 10 + 3);
        expect(at < 0 ? null : states[rows[0]!.states[at]!]!.text).toBe(value === null ? null : String(value));
      });
    }),
  );
});
