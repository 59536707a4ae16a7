import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { columnOf } from "../frame/column.ts";
import { type Field, type FieldType, type Frame, type Labels, valueAt } from "../frame/frame.ts";
import type { Transformation } from "../model/dashboard.ts";
import { frameArbitrary, numbers, plain, strings, table, times } from "../testing/frames.ts";
import { transformations } from "./transformations.ts";
import { transformFrames } from "./transform-frames.ts";

const step = (id: string, options: unknown = {}, rest: Partial<Transformation> = {}): Transformation => ({
  id,
  disabled: false,
  options: options as Transformation["options"],
  ...rest,
});

const run = (id: string, options: unknown, frames: readonly Frame[]): readonly Frame[] =>
  transformFrames(frames, [step(id, options)]);

interface GoldenField {
  readonly name: string;
  readonly type: string;
  readonly labels?: Labels;
  readonly displayName?: string;
  readonly values: readonly unknown[];
}

interface GoldenFrame {
  readonly refId?: string;
  readonly name?: string;
  readonly length: number;
  readonly fields: readonly GoldenField[];
}

interface Golden {
  readonly id: string;
  readonly options: object;
  readonly frames: readonly GoldenFrame[];
  readonly result: readonly GoldenFrame[];
}

/**
 * Expected results, which transformDataFrame() of @grafana/data 13.2.3 produced for seeded random frames. The generator
 * is not in this repository.
 */
const golden = JSON.parse(
  readFileSync(new URL("golden/transformations.json", import.meta.url), "utf8"),
) as readonly Golden[];

const typeOf = (type: string): FieldType =>
  type === "other" ? "json" : type === "nestedFrames" ? "frame" : (type as FieldType);

const frameOf = ({ fields, ...frame }: GoldenFrame): Frame => ({
  ...frame,
  fields: fields.map(({ type, values, ...head }) => columnOf(head, typeOf(type), values)),
});

/** Converts a value to the form of the golden file, in which numbers that are not finite are null. */
function cell(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? Number(value.toPrecision(10)) : null;
  if (value === undefined) return null;
  if (typeof value === "object" && value !== null && "fields" in value) return shape(value as Frame);
  return value;
}

/**
 * Returns the expected value in a row. Our result has null in a numeric column that contains an empty text in Grafana.
 */
const goldenValue = ({ type, values }: GoldenField, row: number): unknown =>
  type === "number" && values[row] === "" ? null : values[row];

const shape = (frame: Frame | GoldenFrame): unknown => ({
  length: frame.length,
  fields: frame.fields.map((field: Field | GoldenField) => {
    const labels = field.labels ?? {};
    const displayName = "config" in field ? field.config.displayName : field.displayName;
    return {
      name: field.name,
      type: typeOf(field.type),
      labels,
      displayName,
      values: Array.from({ length: field.values.length }, (_, row) =>
        cell("config" in field ? valueAt(field, row) : goldenValue(field, row)),
      ),
    };
  }),
});

test.each(golden.map((one, i) => [`${one.id} ${JSON.stringify(one.options)}`, i] as const))(
  "%s gives the same result as Grafana (%i)",
  (_, i) => {
    const { id, options, frames, result } = golden[i]!;
    const own = run(id, options, frames.map(frameOf));
    expect(own.map(({ meta }) => meta?.notices).filter(Boolean)).toEqual([]);
    expect(own.map(shape)).toEqual(result.map(shape));
  },
);

const noticesOf = (frames: readonly Frame[]): string[] => (frames[0]?.meta?.notices ?? []).map(({ text }) => text);

describe("transformFrames()", () => {
  const frame = table([strings("host", ["b", "a"]), numbers("x", [1, 2])], { refId: "A" });

  test("runs transformations in order, and skips disabled ones and those for another kind of data", () => {
    const steps = [
      step("sortBy", { sort: [{ field: "host" }] }),
      step("limit", { limitField: 1 }, { disabled: true }),
      step("limit", { limitField: 1 }, { topic: "annotations" }),
      step("organize", { renameByName: { x: "$name" } }),
    ];
    const result = transformFrames([frame], steps, { interpolate: (text) => text.replace("$name", "y") });
    expect(result.map(plain)).toEqual([
      [
        ["host", "string", "a", "b"],
        ["x", "number", 2, 1],
      ],
    ]);
    expect(result[0]!.fields[1]!.config.displayName).toBe("y");
    expect(transformFrames([frame], steps, { topic: "annotations" })[0]!.length).toBe(1);
  });

  test("applies to the frames that a filter selects, and keeps the other frames", () => {
    const frames = ["A", "B", "C"].map((refId) => ({ ...frame, refId }));
    const result = transformFrames(frames, [
      step("limit", { limitField: 1 }, { filter: { id: "byRefId", options: "B" } }),
    ]);
    expect(result.map(({ refId, length }) => [refId, length])).toContainEqual(["B", 1]);
    expect(result.filter(({ length }) => length === 2).map(({ refId }) => refId)).toEqual(["A", "C"]);
  });

  test("reports unknown and unsupported transformations, and returns the data without them", () => {
    const [unknown] = run("futureTransform", {}, [frame]);
    expect(plain(unknown!)).toEqual(plain(frame));
    expect(noticesOf([unknown!])).toEqual([
      'The transformation "futureTransform" is not known; the data is shown without it.',
    ]);
    expect(noticesOf(run("spatial", {}, [frame]))[0]).toMatch(/not supported/);
    expect(noticesOf(run("__proto__", {}, []))[0]).toMatch(/not known/);
  });

  test("stops if the result would have too many values", () => {
    const keys = Array.from({ length: 2000 }, () => "same");
    const frames = ["p", "q"].map((name) =>
      table([
        strings("host", keys),
        numbers(
          name,
          keys.map(() => 1),
        ),
      ]),
    );
    const result = transformFrames(frames, [step("joinByField", { byField: "host", mode: "inner" })], {
      maxCells: 1e6,
    });
    expect(result).toHaveLength(2);
    expect(noticesOf(result)[0]).toMatch(/more than 1000000 values/);
    const matrix = table([
      strings(
        "c",
        keys.map((_, i) => `c${i}`),
      ),
      strings(
        "r",
        keys.map((_, i) => `r${i}`),
      ),
      numbers("v", keys),
    ]);
    const options = { columnField: "c", rowField: "r", valueField: "v" };
    expect(noticesOf(transformFrames([matrix], [step("groupingToMatrix", options)], { maxCells: 1e6 }))).toHaveLength(
      1,
    );
  });

  test("stops if the result would have too many columns", () => {
    const values = Array.from({ length: 200_000 }, (_, row) => row);
    const long = table([numbers("x", values)]);
    expect(noticesOf(run("transpose", {}, [long]))[0]).toMatch(/request less data/);
    expect(noticesOf(run("rowsToFields", {}, [table([strings("n", values), numbers("x", values)])]))[0]).toMatch(
      /too many/,
    );
  });

  test("seriesToRows keeps every value if the series' columns have different types", () => {
    const frames = [
      table([times([1, 2]), numbers("Value", [10, 20])], { name: "n" }),
      table([times([1]), strings("state", ["up"]), numbers("x", [1])], { name: "s" }),
    ];
    const [rows] = run("seriesToRows", {}, frames);
    expect(plain(rows!)).toEqual([
      ["Time", "time", 2, 1, 1],
      ["Metric", "string", "n", "n", "s"],
      ["Value", "json", 20, 10, "up"],
    ]);
  });

  test("smoothing leaves out rows without a time", () => {
    const [smoothed] = run("smoothing", { resolution: 2 }, [
      table([times([null, 1000, 2000]), numbers("x", [9, 1, 3])]),
    ]);
    expect([...(smoothed!.fields[0]!.values as Float64Array)]).toEqual([1250, 1750]);
    expect([...(smoothed!.fields[1]!.values as Float64Array)]).toEqual([1, 3]);
  });

  test("an expression with many names selects columns, and an invalid one is reported", () => {
    const hosts = Array.from({ length: 300 }, (_, i) => `host${i}.example`);
    const frames = [table(hosts.map((host) => numbers(host, [1])))];
    const pattern = (text: string) => run("filterFieldsByName", { include: { pattern: text } }, frames);
    expect(pattern(`/^(${hosts.join("|")})$/`)[0]!.fields).toHaveLength(300);
    expect(noticesOf(pattern("/^(?i:HOST)/"))).toEqual([
      'The transformation "Filter fields by name": "^(?i:HOST)" has syntax that is not supported; it matches nothing.',
    ]);
  });

  // The values are from transformDataFrame() of @grafana/data 13.2.3.
  test.each([
    ["binary", { binary: { left: "x", operator: "+", right: "5" } }, [6, 5, 8, NaN, 10, 11, 12]],
    ["unary", { unary: { operator: "abs", fieldName: "x" } }, [1, 0, 3, NaN, 5, 6, 7]],
    ["unary", { unary: { operator: "percent", fieldName: "x" } }, [1 / 22, 0, 3 / 22, NaN, 5 / 22, 6 / 22, 7 / 22]],
    ["windowFunctions", { window: { reducer: "mean" } }, [1, 1, 3, NaN, NaN, NaN, NaN]],
    ["windowFunctions", { window: { reducer: "variance" } }, [0, 0, 0, NaN, NaN, 0.25, 0.25]],
    ["windowFunctions", { window: { reducer: "stdDev" } }, [0, 0, 0, NaN, NaN, 0.5, 0.5]],
  ])("calculateField %s %j handles nulls and NaN as Grafana does", (mode, options, expected) => {
    const window = { windowSize: 2, windowSizeMode: "fixed", windowAlignment: "centered", field: "x" };
    const filled = "window" in options ? { window: { ...window, ...options.window } } : options;
    const x = table([numbers("x", [1, null, 3, NaN, 5, 6, 7])]);
    const [result] = run("calculateField", { mode, ...filled }, [x]);
    expect(plain(result!)[1]).toEqual([expect.any(String), "number", ...expected]);
  });

  test("calculateField computes NaN for cells that a join left empty", () => {
    const frames = [table([times([1, 2]), numbers("x", [1, 2])]), table([times([1]), numbers("y", [5])])];
    const [sum] = run("calculateField", { mode: "binary", binary: { left: "x", operator: "+", right: "y" } }, frames);
    expect(plain(sum!).at(-1)).toEqual(["x + y", "number", 6, NaN]);
  });

  test.each([["abc"], [""]])("limit %j keeps all rows", (limitField) => {
    const x = table([numbers("x", Array(20).fill(1))]);
    expect(run("limit", { limitField }, [x])[0]!.length).toBe(20);
  });

  test("prepareTimeSeries keeps rows of equal times if there is only one frame", () => {
    const wide = table([times([2, 1, 1, 2]), numbers("x", [1, 2, 3, 4])], { refId: "A" });
    const [made] = run("prepareTimeSeries", { format: "wide" }, [wide]);
    expect([made!.meta?.type, plain(made!)]).toEqual([
      "timeseries-wide",
      [
        ["Time", "time", 1, 1, 2, 2],
        ["x", "number", 2, 3, 1, 4],
      ],
    ]);
  });

  test("columns of numbers and texts stay texts", () => {
    const texts = table([strings("line", ['{"a":1}', '{"a":"x"}'])]);
    const [extracted] = run("extractFields", { source: "line", format: "json" }, [texts]);
    expect(plain(extracted!)[1]).toEqual(["a", "string", "1", "x"]);
    const [joined] = run("joinByField", { byField: "k" }, [
      table([numbers("k", [1]), numbers("x", [1])]),
      table([strings("k", ["b"]), numbers("y", [2])]),
    ]);
    expect(plain(joined!)[0]).toEqual(["k", "string", "1", "b"]);
  });

  test("extractFields takes the first line if the expression has no slashes, and finds nothing in a number", () => {
    const lines = table([strings("line", ["5", "a=1"])]);
    const of = (options: object) => plain(run("extractFields", { source: "line", ...options }, [lines])[0]!).slice(1);
    expect(of({ format: "regexp", regExp: "(?<x>.*)" })).toEqual([["NewField", "string", "5", "a=1"]]);
    expect(of({ format: "auto" })).toEqual([["a", "string", null, "1"]]);
  });

  test("merge adds a row's values to all rows of the same key, whatever their number", () => {
    const pods = Array.from({ length: 150 }, (_, i) => `pod${i}`);
    const frames = [
      table([
        strings(
          "node",
          pods.map(() => "n1"),
        ),
        strings("pod", pods),
      ]),
      table([strings("node", ["n1"]), numbers("Value #B", [7])]),
    ];
    const [merged] = run("merge", {}, frames);
    expect([merged!.length, noticesOf([merged!])]).toEqual([150, []]);
    expect(merged!.fields.find(({ name }) => name === "Value #B")!.values).toEqual(new Float64Array(150).fill(7));
  });

  test("merge takes linear time for tens of thousands of rows with one key", () => {
    const side = (name: string, count: number) =>
      table([
        strings(
          "node",
          Array.from({ length: count }, () => "n1"),
        ),
        strings(
          name,
          Array.from({ length: count }, (_, i) => (i % 2 === 0 ? `${name}${i}` : null)),
        ),
        numbers(
          `${name} number`,
          Array.from({ length: count }, (_, i) => i),
        ),
      ]);
    const [merged] = run("merge", {}, [side("a", 50_000), side("b", 50_000)]);
    // Merging adds the first row of b to all rows of a. Every other row of b conflicts with all rows of a.
    expect([merged!.length, noticesOf([merged!])]).toEqual([99_999, []]);
  });

  test.each(["joinByField", "merge", "concatenate"])(
    "filterByValue treats a cell that %s left empty as no number",
    (id) => {
      const frames = [
        table([strings("host", ["a", "b", "c"]), numbers("x", [1, null, 100])], { refId: "A" }),
        table([strings(id === "concatenate" ? "other" : "host", ["a"]), numbers("y", [2])], { refId: "B" }),
      ];
      const filter = (fieldName: string) =>
        step("filterByValue", { filters: [{ fieldName, config: { id: "lower", options: { value: 60 } } }] });
      const first = step(id, id === "joinByField" ? { byField: "host" } : {});
      const hosts = (fieldName: string) => transformFrames(frames, [first, filter(fieldName)])[0]!.fields[0]!.values;
      expect(hosts("y")).toEqual(["a"]);
      // The filter treats the null of host b as 0, because the data source sent it. A cell that the join left empty is
      // not treated as 0.
      expect(hosts("x")).toEqual(["a", "b"]);
    },
  );

  test("joinByField does not join rows by null keys", () => {
    const [left, right] = ["p", "q"].map((name) =>
      table([strings("host", [null, "a", "null"]), numbers(name, [1, 2, 3])]),
    );
    const joined = (mode: string) => plain(run("joinByField", { byField: "host", mode }, [left!, right!])[0]!);
    expect(joined("inner")[0]).toEqual(["host", "string", "a", "null"]);
    expect(joined("outerTabular")).toEqual([
      ["host", "string", "a", "null", null, null],
      ["p", "number", 2, 3, 1, null],
      ["q", "number", 2, 3, null, 1],
    ]);
  });

  test.each([
    ["2024-02-30", undefined],
    ["2024-13-01 00:00", undefined],
    ["2024-01-01 25:00", undefined],
    ["2024-01-01 10:60", undefined],
    ["31.02.2024", "DD.MM.YYYY"],
    ["9999999999999999", "x"],
    ["99999999999999", "X"],
  ])("convertFieldType gives no time for %s (%s)", (text, dateFormat) => {
    const conversions = [
      { targetField: "t", destinationType: "time", ...(dateFormat === undefined ? {} : { dateFormat }) },
    ];
    const [frame] = run("convertFieldType", { conversions }, [table([strings("t", [text, "2024-01-31"])])]);
    expect(valueAt(frame!.fields[0]!, 0)).toBeNull();
  });

  test("extractFields accepts paths of any length", () => {
    const source = table([strings("json", ['{"a":{"b.c":[7]}}'])]);
    const paths = ["a['b.c'][0]", "[".repeat(100_000), ".".repeat(100_000), `a${"[x".repeat(50_000)}`];
    const options = { source: "json", format: "json", jsonPaths: paths.map((path, i) => ({ path, alias: `p${i}` })) };
    const [frame] = run("extractFields", options, [source]);
    expect(frame!.fields.slice(1).map((field) => valueAt(field, 0))).toEqual([
      7,
      JSON.parse('{"a":{"b.c":[7]}}'),
      JSON.parse('{"a":{"b.c":[7]}}'),
      { "b.c": [7] },
    ]);
  });

  test("accepts frames and options of any kind", () => {
    const value = fc.oneof(
      fc.constantFrom(
        "host",
        "Value",
        "Time",
        "A",
        "/(a+)+$/",
        "count",
        "binary",
        "__proto__",
        -1,
        1e308,
        0.1,
        null,
        true,
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const keys = [
      "mode",
      "fields",
      "reducers",
      "reduce",
      "binary",
      "unary",
      "window",
      "cumulative",
      "byField",
      "filters",
    ];
    const more = [
      "conversions",
      "sort",
      "limitField",
      "value",
      "join",
      "source",
      "format",
      "include",
      "exclude",
      "mappings",
    ];
    const rest = [
      "bucketSize",
      "xBuckets",
      "yBuckets",
      "rules",
      "columnField",
      "rowField",
      "naming",
      "regex",
      "indexByName",
    ];
    const options = fc.dictionary(fc.constantFrom(...keys, ...more, ...rest, "labelsToFields", "alias", "type"), value);
    const kind = fc.constantFrom(...transformations.map(({ id }) => id));
    fc.assert(
      fc.property(fc.array(frameArbitrary, { maxLength: 3 }), kind, options, (frames, id, options) => {
        const result = transformFrames(frames, [step(id, options)], { maxCells: 100_000 });
        for (const { length, fields } of result) for (const field of fields) expect(field.values.length).toBe(length);
      }),
      { numRuns: 1500 },
    );
  });
});
