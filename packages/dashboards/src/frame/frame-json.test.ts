import fc from "fast-check";
import { expect, test } from "vitest";
import { frameArbitrary, plain } from "../testing/frames.ts";
import { answersToJson, frameFromJson, frameToJson, FrameCells } from "./frame-json.ts";
import { FrameFormatError } from "./frame-format-error.ts";

const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("a frame survives the round trip through JSON", () => {
  fc.assert(
    fc.property(frameArbitrary, (frame) => {
      const back = frameFromJson(throughText(frameToJson(frame)));
      const named = {
        ...frame,
        fields: frame.fields.map((field, i) => ({ ...field, name: field.name || `Field ${i + 1}` })),
      };
      // Converts both sides through JSON, because JSON cannot represent -0.
      expect(throughText(plain(back))).toEqual(throughText(plain(named)));
      expect(back.fields.map(({ labels, config }) => ({ labels, config }))).toEqual(
        frame.fields.map(({ labels, config }) => ({ labels, config })),
      );
    }),
  );
});

test("frameToJson() writes the form that Grafana's clients read", () => {
  const json = frameToJson({
    refId: "A",
    length: 3,
    fields: [
      { name: "Time", type: "time", values: Float64Array.of(1, 2, 3), config: {} },
      {
        name: "Value",
        type: "number",
        labels: { host: "a" },
        values: Float64Array.of(NaN, 0, -Infinity),
        nulls: Uint8Array.of(0, 1, 0),
        config: { displayNameFromDS: "a" },
      },
    ],
  });
  expect(json).toEqual({
    schema: {
      refId: "A",
      fields: [
        { name: "Time", type: "time", typeInfo: { frame: "time.Time" } },
        {
          name: "Value",
          type: "number",
          typeInfo: { frame: "float64", nullable: true },
          labels: { host: "a" },
          config: { displayNameFromDS: "a" },
        },
      ],
    },
    data: {
      values: [
        [1, 2, 3],
        [null, null, null],
      ],
      entities: [null, { NaN: [0], Inf: [], NegInf: [2] }],
    },
  });
});

test("frameFromJson() fills short columns, guesses types and ignores invalid values", () => {
  const frame = frameFromJson({
    schema: {
      meta: { type: "nonsense", notices: [{ text: "slow" }, 3], custom: { a: 1 } },
      fields: [
        { name: "time" },
        {
          name: "x",
          type: "number",
          config: { unit: 3, min: "1", thresholds: { steps: [{ value: null, color: "red" }] } },
        },
        { name: "e", type: "enum", config: { type: { enum: { text: ["off", "on"] } } } },
        { type: "nestedFrames" },
        "odd",
      ],
    },
    data: {
      values: [[1, 2], ["5", {}, 7], [1, 0, 9], [[{ schema: { fields: [] } }]], 7],
      entities: [null, { NaN: [-1, 1.5, 99, "x", 2] }],
      nanos: [[1, 2]],
    },
  });
  expect(plain(frame)).toEqual([
    ["time", "time", 1, 2, null],
    ["x", "number", 5, null, NaN],
    ["e", "string", "on", "off", null],
    ["Field 4", "frame", { length: 0, fields: [] }, null, null],
    ["Field 5", "json", null, null, null],
  ]);
  expect(frame.meta).toEqual({ notices: [{ severity: "info", text: "slow" }], custom: { a: 1 } });
  expect(frame.fields[1]!.config).toEqual({
    thresholds: { mode: "absolute", steps: [{ value: -Infinity, color: "red" }] },
  });
});

test("columns that are read in several steps keep the order and the kind of their values", () => {
  const rows = Array.from({ length: 10_000 }, (_, row) => row);
  const frame = frameFromJson({
    schema: {
      fields: [
        { name: "n", type: "number" },
        { name: "e", type: "enum", config: { type: { enum: { text: ["even", "odd"] } } } },
        { name: "j", type: "other" },
        { name: "s", type: "string" },
      ],
    },
    data: {
      values: [rows, rows.map((row) => row % 2), rows.map((row) => [row]), ["x"]],
      entities: [{ NaN: [9000] }],
    },
  });
  expect(frame.fields.map(({ values }) => values.length)).toEqual([10_000, 10_000, 10_000, 10_000]);
  const shown = (row: number): unknown => frame.fields.map(({ values }) => values[row]);
  expect([0, 4095, 4096, 9000, 9999].map(shown)).toEqual([
    [0, "even", [0], "x"],
    [4095, "odd", [4095], null],
    [4096, "even", [4096], null],
    [NaN, "even", [9000], null],
    [9999, "odd", [9999], null],
  ]);
});

test("a cell that is nested too deeply to be written is null, and a schema that is nested too deeply is refused", () => {
  const nested = (levels: number): unknown => JSON.parse("[".repeat(levels) + "]".repeat(levels));
  const read = (cell: unknown): readonly unknown[] =>
    frameFromJson({ schema: { fields: [{ type: "other" }] }, data: { values: [[1, cell]] } }).fields[0]!.values as [];
  expect(read(nested(500))).toEqual([1, nested(500)]);
  for (const levels of [501, 100_000]) expect(read(nested(levels))).toEqual([1, null]);
  const custom = { a: nested(100_000) };
  for (const schema of [{ fields: [], meta: { custom } }, { fields: [{ config: { custom } }] }])
    expect(() => frameFromJson({ schema })).toThrow("the schema of a frame has more than 500 levels: give it fewer");
});

test.each([
  [{}, /schema.fields/],
  [
    { schema: { fields: Array.from({ length: 60_000 }, () => ({})) }, data: { values: [Array(1000).fill(1)] } },
    /too large/,
  ],
])("frameFromJson() refuses invalid frames", (json, reason) => {
  expect(() => frameFromJson(json)).toThrow(reason);
});

test("frames that are read together share one limit of cells, which includes nested frames", () => {
  const json = { schema: { fields: Array.from({ length: 1000 }, () => ({})) }, data: { values: [Array(10).fill(1)] } };
  const cells = new FrameCells();
  cells.take(49_985, 1000);
  expect(frameFromJson(json, cells).length).toBe(10);
  const nested = { schema: { fields: [{ type: "nestedFrames" }] }, data: { values: [[[json]]] } };
  expect(() => frameFromJson(nested, cells)).toThrow("a frame of 1000 fields and 10 rows is too large: ask for less");
});

test("a failed answer does not affect the others", () => {
  const answers = new Map([
    ["A", { status: 200, frames: [] }],
    ["__proto__", { status: 422, error: "syntax", frames: [] }],
  ]);
  const results = { A: { status: 200, frames: [] }, ["__proto__"]: { status: 422, frames: [], error: "syntax" } };
  expect(answersToJson(answers)).toEqual({ results });
});

test("any JSON gives a frame or a FrameFormatError", () => {
  const part = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(fc.array(part), part, fc.array(part), part, (fields, meta, values, entities) => {
      try {
        const frame = frameFromJson({ schema: { fields, meta }, data: { values, entities } });
        expect(frame.fields.every((field) => field.values.length === frame.length)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameFormatError);
      }
    }),
  );
});
