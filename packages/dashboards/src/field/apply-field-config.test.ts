import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FieldConfigSource, Matcher } from "../model/field-config.ts";
import { frameArbitrary, numbers, strings, table, times } from "../testing/frames.ts";
import type { Frame } from "../frame/frame.ts";
import { applyFieldConfig } from "./apply-field-config.ts";
import { compileFieldMatcher } from "./field-matcher.ts";
import { compileFrameMatcher } from "./frame-matcher.ts";
import { compileValueMatcher } from "./value-matcher.ts";

const frames: readonly Frame[] = [
  table([times([1, 2]), numbers("Value", [0, 0], { labels: { host: "a" } })], { refId: "A" }),
  table([times([1, 2]), numbers("Value", [1, 5], { labels: { host: "b" } }), strings("note", ["x", "y"])], {
    refId: "B",
  }),
];

const chosen = (matcher: Matcher): string[] => {
  const test = compileFieldMatcher(matcher, frames)!;
  return frames.flatMap((frame) =>
    frame.fields.flatMap((field, i) => (test(field, frame) ? [`${frame.refId}${i}`] : [])),
  );
};

const MATCHERS: readonly (readonly [id: string, options: unknown, fields: readonly string[]])[] = [
  ["byName", "a", ["A1"]],
  ["byName", "Value", ["A1", "B1"]],
  ["byName", "time", ["A0", "B0"]],
  ["byNames", { names: ["a", "note"] }, ["A1", "B2"]],
  ["byNames", { mode: "exclude", names: ["a", "note", "Time"] }, ["B1"]],
  ["byRegexp", "/^[ab]$/", ["A1", "B1"]],
  ["byRegexp", "no(te)?", ["B2"]],
  ["byRegexpOrNames", { pattern: "/^b/", names: ["a"] }, ["A1", "B1"]],
  ["byType", "string", ["B2"]],
  ["byTypes", ["time", "string"], ["A0", "B0", "B2"]],
  ["byFrameRefID", "B", ["B0", "B1", "B2"]],
  ["byValue", { reducer: "max", op: ">=", value: 5 }, ["B1"]],
  ["byValue", { reducer: "allIsZero", op: ">=", value: 0 }, ["A1"]],
  ["numeric", undefined, ["A1", "B1"]],
  ["time", undefined, ["A0", "B0"]],
  ["first", undefined, ["A0", "B0"]],
  ["firstTimeField", undefined, ["A0", "B0"]],
  ["anyMatch", [{ id: "numeric" }, { id: "byName", options: "note" }], ["A1", "B1", "B2"]],
  ["allMatch", [{ id: "numeric" }, { id: "byFrameRefID", options: "A" }], ["A1"]],
  ["invertMatch", { id: "time" }, ["A1", "B1", "B2"]],
  ["alwaysMatch", undefined, ["A0", "A1", "B0", "B1", "B2"]],
  ["neverMatch", undefined, []],
];

test.each(MATCHERS)("%s %j", (id, options, fields) => {
  expect(chosen({ id, options })).toEqual(fields);
});

test("matchers accept options of any type, and an unknown id gives no matcher", () => {
  expect(compileFieldMatcher({ id: "toString" }, frames)).toBeUndefined();
  fc.assert(
    fc.property(
      fc.constantFrom(...MATCHERS.map(([id]) => id)),
      fc.jsonValue(),
      frameArbitrary,
      (id, options, frame) => {
        const test = compileFieldMatcher({ id, options }, [frame]);
        expect(frame.fields.every((field) => typeof (test?.(field, frame) ?? true) === "boolean")).toBe(true);
      },
    ),
  );
  fc.assert(
    fc.property(
      fc.constantFrom("regex", "between", "equal", "substring", "greater"),
      fc.jsonValue(),
      frameArbitrary,
      (id, options, frame) => {
        const test = compileValueMatcher({ id, options })!;
        for (const field of frame.fields)
          for (let row = 0; row < frame.length; row++) expect(typeof test(field, row)).toBe("boolean");
      },
    ),
  );
  const field = { name: "x", config: {}, type: "json" as const, values: [{ toString: "" }] };
  for (const id of ["between", "greater"]) expect(compileValueMatcher({ id, options: {} })!(field, 0)).toBe(false);
  expect(compileValueMatcher({ id: "lower", options: { value: { toString: "" } } })!(field, 0)).toBe(false);
  expect(compileFrameMatcher({ id: "byRefId", options: 5 })!(frames[0]!)).toBe(false);
  expect(compileFrameMatcher({ id: "byIndex", options: 1 })).toBeUndefined();
});

describe("applyFieldConfig()", () => {
  const apply = (source: Partial<FieldConfigSource>, interpolate?: Parameters<typeof applyFieldConfig>[2]) =>
    applyFieldConfig(frames, { defaults: {}, overrides: [], ...source }, interpolate).map(({ fields }) =>
      fields.map(({ config }) => config),
    );

  test("applies overrides to defaults in order; null removes a setting", () => {
    const configs = apply({
      defaults: { unit: "s", decimals: 2, custom: { lineWidth: 1, hideFrom: { viz: false } } },
      overrides: [
        {
          matcher: { id: "numeric" },
          properties: [
            { id: "unit", value: "ms" },
            { id: "custom.lineWidth", value: 3 },
          ],
        },
        {
          matcher: { id: "byName", options: "b" },
          properties: [
            { id: "unit", value: null },
            { id: "custom.hideFrom.viz", value: true },
            { id: "min", value: "5" },
          ],
        },
        { matcher: { id: "unknown" }, properties: [{ id: "unit", value: "x" }] },
      ],
    });
    expect(configs[0]![1]).toEqual({ unit: "ms", decimals: 2, custom: { lineWidth: 3, hideFrom: { viz: false } } });
    expect(configs[1]![1]).toEqual({ decimals: 2, min: 5, custom: { lineWidth: 3, hideFrom: { viz: true } } });
    expect(configs[0]![0]).toEqual({ unit: "s", custom: { lineWidth: 1, hideFrom: { viz: false } } });
  });

  test("selects fields by the display names that the defaults give, and replaces variables in those names", () => {
    const configs = apply(
      {
        defaults: { displayName: "host ${__field.labels.host}" },
        overrides: [
          { matcher: { id: "byName", options: "host b" }, properties: [{ id: "displayName", value: "second" }] },
        ],
      },
      (text, field) => text.replace("${__field.labels.host}", field.labels?.["host"] ?? "?"),
    );
    expect(configs.map((fields) => fields[1]!.displayName)).toEqual(["host a", "second"]);
  });

  test("keeps the source's own settings and all columns", () => {
    const own = [
      { ...frames[0]!, fields: frames[0]!.fields.map((field) => ({ ...field, config: { unit: "bytes" } })) },
    ];
    const result = applyFieldConfig(own, { defaults: { unit: "s", min: 9, max: 3 }, overrides: [] });
    expect(result[0]!.fields.map(({ config }) => config)).toEqual([
      { unit: "bytes" },
      { unit: "bytes", min: 3, max: 9 },
    ]);
    expect(result[0]!.fields[1]!.values).toBe(own[0]!.fields[1]!.values);
    expect(own[0]!.fields[1]!.config).toEqual({ unit: "bytes" });
  });

  test("puts links and mappings of overrides before those of the defaults", () => {
    const link = (title: string) => ({ title, url: "/", targetBlank: false, oneClick: false });
    const configs = apply({
      defaults: { links: [link("all")] },
      overrides: [
        { matcher: { id: "byName", options: "a" }, properties: [{ id: "links", value: [{ title: "own", url: "/" }] }] },
      ],
    });
    expect(configs[0]![1]!.links!.map(({ title }) => title)).toEqual(["own", "all"]);
  });

  test("gives series within cells the settings of their column and the overrides that match them", () => {
    const outer: Frame = {
      length: 1,
      fields: [{ name: "Trend", type: "frame", config: {}, values: [frames[0]!] }],
    };
    const [result] = applyFieldConfig([outer], {
      defaults: { unit: "s" },
      overrides: [
        { matcher: { id: "byName", options: "Trend" }, properties: [{ id: "custom.width", value: 90 }] },
        { matcher: { id: "numeric", scope: "nested" }, properties: [{ id: "unit", value: "ms" }] },
      ],
    });
    const [cell] = result!.fields[0]!.values as readonly Frame[];
    expect(cell!.fields.map(({ config }) => config)).toEqual([
      { unit: "s", custom: { width: 90 } },
      { unit: "ms", custom: { width: 90 } },
    ]);
  });

  test("compiles an override of nested fields once, and names the fields of each cell separately", () => {
    let compiled = 0;
    const matcher = {
      id: "byName",
      scope: "nested" as const,
      get options() {
        compiled++;
        return "a 2";
      },
    };
    // Cells with frames. Columns with the same name in one cell are numbered independently of other cells.
    const cells = [table([numbers("a", [1]), numbers("a", [2])]), null, table([numbers("a", [3])], { name: "other" })];
    const column = { name: "Trend", type: "frame" as const, config: {}, values: cells };
    const [result] = applyFieldConfig([table([column])], {
      defaults: {},
      overrides: [{ matcher, properties: [{ id: "unit", value: "ms" }] }],
    });
    const [first, none, other] = result!.fields[0]!.values as readonly (Frame | null)[];
    expect(first!.fields.map(({ config }) => config.unit)).toEqual([undefined, "ms"]);
    expect([none, other!.fields[0]!.config.unit]).toEqual([null, undefined]);
    expect(compiled).toBe(1);
  });

  test("accepts properties of any type, and never changes inherited properties of objects", () => {
    const id = fc.oneof(
      fc.constantFrom(
        "__proto__.x",
        "custom.__proto__.polluted",
        "constructor.prototype.y",
        "unit",
        "custom.a.b.c",
        "links",
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(fc.record({ id, value: fc.jsonValue() })), (properties) => {
        applyFieldConfig(frames, { defaults: {}, overrides: [{ matcher: { id: "alwaysMatch" }, properties }] });
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});

test.each([
  ["the defaults' base step", [{ value: 80, color: "red" }], ["green", 80]],
  ["its own base step", [{ value: null as unknown as number, color: "blue" }], ["blue"]],
])("absolute thresholds of a field begin with %s", (_, steps, expected) => {
  const thresholds = { mode: "absolute", steps } as const;
  const [frame] = applyFieldConfig([table([numbers("x", [5], { config: { thresholds } })])], {
    defaults: {
      thresholds: {
        mode: "absolute",
        steps: [
          { value: null as unknown as number, color: "green" },
          { value: 60, color: "orange" },
        ],
      },
    },
    overrides: [],
  });
  const shown = frame!.fields[0]!.config.thresholds!.steps.map(({ value, color }) => value ?? color);
  expect(shown).toEqual(expected);
});

test("reports invalid regular expressions of overrides and mappings", () => {
  const mapping = { type: "regex", options: { pattern: "/(/", result: { text: "x" } } } as const;
  const source: FieldConfigSource = {
    defaults: { mappings: [mapping] },
    overrides: [
      { matcher: { id: "byRegexp", options: "/(?i:a)/" }, properties: [{ id: "unit", value: "s" }] },
      { matcher: { id: "numeric" }, properties: [{ id: "mappings", value: [mapping] }] },
    ],
  };
  const notices = applyFieldConfig(frames, source)[0]!.meta!.notices!;
  expect(notices.map(({ text }) => text)).toEqual([
    'The settings of the fields: "(" has syntax that is not supported; it matches nothing.',
    'The settings of the fields: "(?i:a)" has syntax that is not supported; it matches nothing.',
  ]);
  expect(applyFieldConfig([], source)).toEqual([]);
});
