import { expect, test } from "vitest";
import { parseApiTime, printApiTime, readTime } from "./api-time.ts";

const timeOf = (text: string): number | undefined => readTime({ kind: "string", text });

test("a time of more than 1,000 characters is refused with its beginning", () => {
  expect(timeOf("2024-01-01T00:00:00.5Z")).toBe(Date.UTC(2024, 0, 1) + 500);
  expect(() => timeOf(`2024-01-01T${"0".repeat(1_000_000)}:00:00Z`)).toThrow(
    /^parsing time "2024-01-01T0{50}.{1000,3000}$/s,
  );
});

const DAY = "2024-02-29";

test.each([
  ["", 0],
  ["0001-01-01T00:00:00Z", NaN],
  ["0001-01-01T00:00:00.001Z", -62_135_596_799_999],
  [`${DAY}T23:59:59Z`, Date.parse(`${DAY}T23:59:59Z`)],
  [`${DAY}T00:00:00.1234567Z`, Date.parse(`${DAY}T00:00:00Z`) + 123.456],
  [`${DAY}T10:20:30+02:30`, Date.parse(`${DAY}T07:50:30Z`)],
  [`${DAY}T10:20:30-02:30`, Date.parse(`${DAY}T12:50:30Z`)],
  [`${DAY}T10:20:30-23:59`, Date.parse("2024-03-01T10:19:30Z")],
  [`${DAY}T10:20:30+0230`, undefined],
  [`${DAY}T10:20:30.500+0230`, Date.parse(`${DAY}T07:50:30.500Z`)],
  [`${DAY}T10:20:30`, Date.parse(`${DAY}T10:20:30Z`)],
  [`${DAY}T10:20Z`, Date.parse(`${DAY}T10:20:00Z`)],
  [`${DAY}T10:20`, Date.parse(`${DAY}T10:20:00Z`)],
  [`${DAY} 10:20:30`, Date.parse(`${DAY}T10:20:30Z`)],
  [DAY, Date.parse(`${DAY}T00:00:00Z`)],
  ["0099-01-02T00:00:00Z", Date.UTC(2099, 0, 2) - (Date.UTC(2099, 0, 1) - Date.parse("0099-01-01T00:00:00Z"))],
  ["2023-02-29T00:00:00Z", undefined],
  ["2023-13-01T00:00:00Z", undefined],
  ["2023-01-00T00:00:00Z", undefined],
  [`${DAY}T24:00:00Z`, undefined],
  [`${DAY}T23:60:00Z`, undefined],
  [`${DAY}T23:59:60Z`, undefined],
  [`${DAY}T00:00:00+24:00`, Date.parse("2024-02-28T00:00:00Z")],
  [`${DAY}T00:00:00-00:60`, Date.parse(`${DAY}T01:00:00Z`)],
  [`${DAY}T00:00:00+25:00`, undefined],
  [`${DAY}T00:00:00+00:61`, undefined],
  ["x", undefined],
])("the time %j is read as %j", (text, ms) => expect(parseApiTime(text)).toBe(ms));

test("times are printed with milliseconds, rounded down; years beyond 9999 have no sign", () => {
  expect(printApiTime(NaN)).toBe("0001-01-01T00:00:00.000Z");
  expect(printApiTime(1.9)).toBe("1970-01-01T00:00:00.001Z");
  expect(printApiTime(-0.5)).toBe("1969-12-31T23:59:59.999Z");
  expect(printApiTime(Date.UTC(10_000, 0, 1))).toBe("10000-01-01T00:00:00.000Z");
});

test("null is not a time, and other kinds of values are refused", () => {
  expect(readTime({ kind: "null" })).toBeUndefined();
  expect(() => readTime({ kind: "number", text: "1" })).toThrow(
    "json: cannot unmarshal number into Go value of type string",
  );
  expect(timeOf(`2024-01-01T00:00:00.${"0".repeat(979)}Z`)).toBe(Date.UTC(2024, 0, 1));
  expect(() => timeOf(`2024-01-01T00:00:00.${"0".repeat(980)}Z`)).toThrow(/^parsing time/);
});
