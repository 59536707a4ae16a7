import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { autoDecimals } from "./decimals.ts";
import { joinFormatted } from "./formatted-value.ts";
import { formatValue, isBooleanUnit, isDateUnit, unitFormatter } from "./unit-formatter.ts";
import { unitCategories } from "./unit-table.ts";

type Line = readonly [value: number | string | null, decimals: number | null, parts: string];

// Written by getValueFormat of @grafana/data 13.2.3 for readers in the United States at UTC; parts are joined by bars.
// checks/golden.ts computes them again.
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8")) as unknown;

const decoded = (value: Line[0]): number | null => (typeof value === "string" ? Number(value) : value);

/** Where ours is meant to differ, and why. */
function differs(id: string, [value, , parts]: Line): boolean {
  // Numbers that are none are written as such; theirs are padded ("NaN.00"), and counts and clocks lose their words.
  if (value === null || typeof value === "string") return true;
  // Names of methods are units like any other.
  if (["constructor", "__proto__", "toString", "hasOwnProperty"].includes(id)) return true;
  // Clocks of times beyond all dates go on counting.
  if (id.startsWith("clock") && parts.includes("Invalid date")) return true;
  // A pattern of nothing is the usual one, not that of ISO 8601.
  return id === "time:";
}

test.each(["units", "families"])("unitFormatter() writes as Grafana does: %s", (name) => {
  let compared = 0;
  for (const [id, lines] of read(name) as [string, Line[]][]) {
    const format = unitFormatter(id);
    for (const line of lines) {
      if (differs(id, line)) continue;
      const { prefix, text, suffix } = format(decoded(line[0]), line[1], { timeZone: "utc", locale: "en-US" });
      expect([id, ...line.slice(0, 2), `${prefix}|${text}|${suffix}`]).toEqual([id, ...line]);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(2_000);
});

test("unitCategories hold each unit once, 273 of them", () => {
  const ids = unitCategories.flatMap(({ units }) => units.map(([id]) => id));
  expect(ids).toHaveLength(273);
  expect(new Set(ids).size).toBe(273);
});

test("units of dates write times of today without their date, and how long ago they are", () => {
  const { now, relative, today } = read("relative") as {
    now: number;
    relative: [number, string][];
    today: [string, [number, string][]][];
  };
  for (const [time, text] of relative) {
    expect([time - now, formatValue("dateTimeFromNow", time, null, { now }).text]).toEqual([time - now, text]);
  }
  for (const [id, lines] of today) {
    for (const [time, parts] of lines) {
      const { text } = formatValue(id, time, null, { timeZone: "utc", now, locale: "en-US" });
      // Which kind of space stands before AM depends on the version of Unicode's data.
      expect([id, `|${text}|`.replaceAll("\u202F", " ")]).toEqual([id, parts.replaceAll("\u202F", " ")]);
    }
  }
});

test("units of dates need no now: they are written in full", () => {
  const inFull = formatValue("dateTimeAsIso", 0, null, { timeZone: "utc" });
  expect(formatValue("dateTimeFromNow", 0, null, { timeZone: "utc" })).toEqual(inFull);
  expect(formatValue("dateTimeAsIsoNoDateIfToday", 0, null, { timeZone: "utc" })).toEqual(inFull);
});

test("times of a column that is short are written with milliseconds", () => {
  const context = { timeZone: "Asia/Kolkata", milliseconds: true };
  expect(formatValue("dateTimeAsSystem", 1234, null, context).text).toBe("1970-01-01 05:30:01.234");
});

test("numbers that are none are written as such, and null is not", () => {
  const text = (unit: string, value: number | null, decimals?: number): string =>
    joinFormatted(formatValue(unit, value, decimals));
  expect(text("percent", NaN, 2)).toBe("NaN%");
  expect(text("reqps", Infinity)).toBe("∞ req/s");
  expect(text("dtdurations", -Infinity)).toBe("-∞");
  expect(text("clocks", NaN)).toBe("NaN");
  expect(text("hex", Infinity)).toBe("∞");
  expect(text("dateTimeAsIso", NaN)).toBe("Invalid date");
  expect(text("none", 5e-324)).toBe("5e-324");
  expect(text("bytes", null)).toBe("");
});

test("names of methods are units like any other", () => {
  for (const unit of ["constructor", "__proto__", "toString"]) {
    expect(joinFormatted(formatValue(unit, 1))).toBe(`1 ${unit}`);
  }
});

test("unitFormatter() throws for no unit, number or decimals", () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.constantFrom(...unitCategories.flatMap(({ units }) => units.map(([id]) => id))),
        fc
          .tuple(fc.constantFrom("prefix", "suffix", "time", "si", "count", "currency", "bool"), fc.string())
          .map((parts) => parts.join(":")),
      ),
      fc.double(),
      fc.oneof(fc.double(), fc.integer(), fc.constant(null)),
      fc.string(),
      (unit, value, decimals, timeZone) => {
        const { text } = formatValue(unit, value, decimals, { timeZone, now: 0, locale: "en-US" });
        expect(typeof text).toBe("string");
      },
    ),
  ));

test("autoDecimals() shows at least two leading digits", () =>
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1e6, noNaN: true }), (value) => {
      if (value % 1 === 0) expect(autoDecimals(value)).toBe(0);
      const error = Math.abs(Number(value.toFixed(autoDecimals(value))) - value);
      expect(error / value).toBeLessThan(0.05);
    }),
  ));

test("isDateUnit() and isBooleanUnit() know their units", () => {
  expect(["dateTimeAsIso", "dateTimeFromNow", "time:YYYY", "dateTimeAsLocal"].every(isDateUnit)).toBe(true);
  expect(["s", "dateTimeAsSystem", "timeticks", ""].some(isDateUnit)).toBe(false);
  expect([isBooleanUnit("bool_on_off"), isBooleanUnit("bool:a/b"), isBooleanUnit("s")]).toEqual([true, true, false]);
});
