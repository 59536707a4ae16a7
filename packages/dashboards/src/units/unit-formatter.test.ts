import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { autoDecimals } from "./decimals.ts";
import { joinFormatted } from "./formatted-value.ts";
import { formatValue, isBooleanUnit, isDateUnit, unitFormatter } from "./unit-formatter.ts";
import { unitCategories } from "./unit-table.ts";

type Line = readonly [value: number | string | null, decimals: number | null, parts: string];

// Reads golden results of getValueFormat in @grafana/data 13.2.3, for the United States and UTC, with their parts
// joined by bars. checks/golden.ts computes the golden files again.
const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8")) as unknown;

const decoded = (value: Line[0]): number | null => (typeof value === "string" ? Number(value) : value);

/** Reports whether our result intentionally differs from Grafana's. */
function differs(id: string, [value, , parts]: Line): boolean {
  // NaN and infinities are written without padding. Grafana pads them ("NaN.00") and loses the words of counts and
  // clocks.
  if (value === null || typeof value === "string") return true;
  // We treat names of inherited object properties as ordinary unit names, unlike Grafana.
  if (["constructor", "__proto__", "toString", "hasOwnProperty"].includes(id)) return true;
  // For times beyond the range of dates, Grafana's clock units return "Invalid date". Our clock units format them.
  if (id.startsWith("clock") && parts.includes("Invalid date")) return true;
  // With an empty pattern, we use the default pattern and Grafana uses ISO 8601.
  return id === "time:";
}

test.each(["units", "families"])("unitFormatter() formats as Grafana does: %s", (name) => {
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

test("unitCategories contain each unit once, 273 in total", () => {
  const ids = unitCategories.flatMap(({ units }) => units.map(([id]) => id));
  expect(ids).toHaveLength(273);
  expect(new Set(ids).size).toBe(273);
});

test("date units leave out the date of times of today, and show how long ago they are", () => {
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
      // Both kinds of space before AM are accepted, because the kind depends on the version of Unicode's data.
      expect([id, `|${text}|`.replaceAll("\u202F", " ")]).toEqual([id, parts.replaceAll("\u202F", " ")]);
    }
  }
});

test("date units are written in full if the present time is unknown", () => {
  const inFull = formatValue("dateTimeAsIso", 0, null, { timeZone: "utc" });
  expect(formatValue("dateTimeFromNow", 0, null, { timeZone: "utc" })).toEqual(inFull);
  expect(formatValue("dateTimeAsIsoNoDateIfToday", 0, null, { timeZone: "utc" })).toEqual(inFull);
});

test("a column with a short time span is written with milliseconds", () => {
  const context = { timeZone: "Asia/Kolkata", milliseconds: true };
  expect(formatValue("dateTimeAsSystem", 1234, null, context).text).toBe("1970-01-01 05:30:01.234");
});

test("NaN and infinities are written as such, and null has no text", () => {
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

test("names of object methods are ordinary units", () => {
  for (const unit of ["constructor", "__proto__", "toString"]) {
    expect(joinFormatted(formatValue(unit, 1))).toBe(`1 ${unit}`);
  }
});

test("unitFormatter() never throws, whatever the unit, number or decimals", () =>
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

test("isDateUnit() and isBooleanUnit() recognise their units", () => {
  expect(["dateTimeAsIso", "dateTimeFromNow", "time:YYYY", "dateTimeAsLocal"].every(isDateUnit)).toBe(true);
  expect(["s", "dateTimeAsSystem", "timeticks", ""].some(isDateUnit)).toBe(false);
  expect([isBooleanUnit("bool_on_off"), isBooleanUnit("bool:a/b"), isBooleanUnit("s")]).toEqual([true, true, false]);
});
