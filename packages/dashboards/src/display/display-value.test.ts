import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Field } from "../frame/frame.ts";
import type { FieldConfig } from "../model/field-config.ts";
import { hexOf, parseColor } from "./color/css-color.ts";
import type { ColorTheme } from "./color/named-colors.ts";
import { fieldDisplay } from "./display-value.ts";
import { fieldColor } from "./field-color.ts";

type Result = readonly [
  prefix: string,
  text: string,
  suffix: string,
  numeric: number | string | null,
  color: string,
  percent: number | string | null,
  icon: string | null,
];

interface Golden {
  readonly type: "number" | "time" | "string" | "boolean" | "other";
  readonly name?: string;
  readonly values: readonly unknown[];
  readonly config: FieldConfig;
  readonly seriesIndex?: number;
  readonly adjacent?: number;
  readonly tests: readonly unknown[];
  readonly res: readonly Result[];
  /** Expected colours if the field is drawn as a series, for the values last, min and max of `seriesBy`. */
  readonly series?: readonly string[];
}

const special = new Map<unknown, number>([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);
const decoded = (value: unknown): unknown => special.get(value) ?? value;

function columnOf(type: Golden["type"], values: readonly unknown[], config: FieldConfig, name = "f"): Field {
  if (type === "other") return { name, type: "json", values, config };
  if (type === "string") return { name, type, values: values as string[], config };
  if (type === "boolean") return { name, type, values: values as boolean[], config };
  const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
  return { name, type, values: Float64Array.from(values as number[]), nulls, config };
}

const hex = (color: string): string => hexOf(parseColor(color)!);

// Expected values from getDisplayProcessor and getFieldSeriesColor of @grafana/data 13.2.3, with colours as digits and
// -Infinity as null. This repository has no script that recomputes them.
test.each(["dark", "light"] as const)("fieldDisplay() shows what Grafana shows, in its %s colours", (theme) => {
  const cases = JSON.parse(
    readFileSync(new URL(`golden/display-${theme}.json`, import.meta.url), "utf8"),
  ) as readonly Golden[];
  let compared = 0;
  for (const one of cases) {
    const field = columnOf(one.type, one.values.map(decoded), one.config, one.name);
    const context = { theme, timeZone: "utc", seriesIndex: one.seriesIndex, seriesName: one.name };
    const display = fieldDisplay(field, context);
    for (const [i, [prefix, text, suffix, numeric, color, percent, icon]] of one.res.entries()) {
      const shown = display(decoded(one.tests[i]), one.adjacent);
      const id = [one.type, one.config, one.seriesIndex ?? 0, one.name ?? "", one.tests[i]];
      expect([id, { ...shown, color: hex(shown.color) }]).toEqual([
        id,
        {
          prefix,
          text,
          suffix,
          numeric: decoded(numeric),
          color,
          ...(percent === null ? {} : { percent: decoded(percent) }),
          ...(icon === null ? {} : { icon }),
        },
      ]);
      compared++;
    }
    for (const [i, color] of one.series?.entries() ?? []) {
      const seriesBy = (["last", "min", "max"] as const)[i]!;
      const config = { ...one.config, color: { mode: "", ...one.config.color, seriesBy } };
      expect([one.config, seriesBy, hex(fieldColor({ ...field, config }, context))]).toEqual([
        one.config,
        seriesBy,
        color,
      ]);
    }
  }
  expect(compared).toBeGreaterThan(theme === "dark" ? 450 : 250);
});

const number = (config: unknown): Field => columnOf("number", [1, 2], config as FieldConfig);
const context = { theme: "dark" as ColorTheme };

test("fieldDisplay() accepts settings of any shape", () => {
  const odd = [undefined, null, 0, "x", [], {}, [null], [{}], { steps: 1 }, { steps: [{}] }, { mode: 1 }, { mode: {} }];
  for (const value of odd)
    for (const key of ["mappings", "thresholds", "color", "unit", "decimals", "min", "max", "noValue"]) {
      if (key === "mappings" && !Array.isArray(value)) continue;
      if (key === "color" && typeof value !== "object") continue;
      expect(typeof fieldDisplay(number({ [key]: value }), context)(1).text).toBe("string");
    }
});

test("fieldDisplay() accepts mappings of any shape", () => {
  const mappings = [
    null,
    { type: "value" },
    { type: "value", options: { a: null } },
    { type: "value", options: { 7: { text: 7, color: 1, icon: {} } } },
    { type: "range", options: { from: "a", to: {} } },
    { type: "range", options: { from: 3, to: 4, result: 1 } },
    { type: "regex", options: { pattern: 3, result: {} } },
    { type: "regex", options: { pattern: "(", result: { text: "x" } } },
    { type: "special", options: { match: "__proto__", result: {} } },
    { type: 1, options: { 1: "old" } },
  ];
  expect(fieldDisplay(number({ mappings }), context)(1).text).toBe("1");
  expect(fieldDisplay(number({ mappings }), context)(7).text).toBe("7");
  expect(fieldDisplay(number({ mappings }), context)("a").text).toBe("a");
});

test("fieldDisplay() maps only by a mapping's own keys, not by inherited ones", () => {
  const field = columnOf("string", [], { mappings: [{ type: "value", options: {} }] });
  for (const value of ["__proto__", "constructor", "toString"])
    expect(fieldDisplay(field, context)(value).text).toBe(value);
});

test("fieldDisplay() stops a user's regular expression that takes too long", () => {
  const mappings = [{ type: "regex", options: { pattern: "/^(a+)+$/", result: { text: "b" } } }] as const;
  expect(fieldDisplay(columnOf("string", [], { mappings }), context)(`${"a".repeat(5_000)}!`).text).toMatch(/^a+!$/);
});

test("fieldDisplay() shows objects as JSON", () => {
  const field = columnOf("other", [], {});
  expect(fieldDisplay(field, context)({ a: [1] }).text).toBe('{"a":[1]}');
  expect(fieldDisplay(field, context)({ toString: 1, valueOf: 2 }).text).toBe('{"toString":1,"valueOf":2}');
  expect(fieldDisplay(field, context)([1, null, { b: 2 }]).text).toBe('1, , {"b":2}');
  let deep: unknown = 1;
  for (let i = 0; i < 50_000; i++) deep = [deep];
  expect(typeof fieldDisplay(field, context)(deep).text).toBe("string");
});

test("fieldDisplay() never throws, whatever the value, unit, decimals or colour", () =>
  fc.assert(
    fc.property(
      fc.anything(),
      fc.string(),
      fc.double(),
      fc.string(),
      fc.constantFrom("fixed", "shades", "thresholds", "palette-classic-by-name", "continuous-blues", "toString"),
      fc.constantFrom<Golden["type"]>("number", "string", "boolean", "time", "other"),
      (value, unit, decimals, fixedColor, mode, type) => {
        const field = columnOf(type, [], { unit, decimals, color: { mode, fixedColor } });
        const shown = fieldDisplay(field, { theme: "light", seriesIndex: 5 })(value);
        expect([typeof shown.text, typeof shown.numeric]).toEqual(["string", "number"]);
        expect(parseColor(shown.color)).toBeDefined();
      },
    ),
  ));
