import { expect, test } from "vitest";
import { parseListenAddress } from "@narthex/runtime";
import {
  durationParameter,
  limitParameter,
  parseInt64,
  parseRangeStart,
  parseTime,
  requiredTime,
  timeParameter,
} from "./params.ts";

const values = (name: string, text: string) => new URLSearchParams({ [name]: text });

test("times are Unix seconds rounded to ms, or RFC3339", () => {
  expect(["0", "1.2345", "-1", "1e3", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00.5+01:00"].map(parseTime)).toEqual([
    0, 1234, -1000, 1_000_000, 1_767_225_600_000, 1_767_225_600_500,
  ]);
  expect(["1.0005", "-1.0005", "-0.0006", "2024-02-29T00:00:00,5Z"].map(parseTime)).toEqual([
    1000, -1000, -1, 1_709_164_800_500,
  ]);
  const refused = ["", "abc", "2026-01-01", "NaN", "Infinity", "1e20", "0x10", " 1", "2026-02-29T00:00:00Z"];
  for (const text of [...refused, "2026-01-01T24:00:00Z"]) expect(parseTime(text), text).toBeUndefined();
});

test("invalid parameters are refused in Prometheus' words", () => {
  expect(() => timeParameter(values("time", "abc"), "time", 0)).toThrow(
    `invalid parameter "time": invalid time value for 'time': cannot parse "abc" to a valid timestamp`,
  );
  expect(() => requiredTime(new URLSearchParams(), "start")).toThrow(
    `invalid parameter "start": cannot parse "" to a valid timestamp`,
  );
  expect(() => durationParameter(values("step", "xx"), "step")).toThrow(
    `invalid parameter "step": cannot parse "xx" to a valid duration`,
  );
  expect(() => limitParameter(values("limit", "-1"))).toThrow(`invalid parameter "limit": limit must be non-negative`);
  expect(() => limitParameter(values("limit", "x"))).toThrow(`strconv.Atoi: parsing "x": invalid syntax`);
  expect(() => limitParameter(values("limit", "9223372036854775808"))).toThrow("value out of range");
  expect(() => durationParameter(values("step", "1e10"), "step")).toThrow("a valid duration. It overflows int64");
  expect(() => durationParameter(values("step", "1e999"), "step")).toThrow(/a valid duration$/);
  expect(durationParameter(values("step", "NaN"), "step")).toBeLessThan(0);
  expect(durationParameter(values("step", "1.5"), "step")).toBe(1500);
  expect(durationParameter(values("step", "1h"), "step")).toBe(3_600_000);
});

test("a limit with too many digits is refused, and integers with leading zeros are read", () => {
  expect(() => limitParameter(values("limit", "1".repeat(1_000_000)))).toThrow("value out of range");
  expect(() => limitParameter(values("limit", "-9223372036854775809"))).toThrow("value out of range");
  expect(limitParameter(values("limit", `+${"0".repeat(1000)}7`))).toBe(7);
});

test("integers are read as in Go, whatever their number of digits", () => {
  expect(["0", "-0", "+7", "007", "-12", "9223372036854775807", "-9223372036854775808"].map(parseInt64)).toEqual([
    0,
    0,
    7,
    7,
    -12,
    2 ** 63,
    -(2 ** 63),
  ]);
  expect(parseInt64(`${"0".repeat(10_000_000)}12`)).toBe(12);
  for (const text of ["9223372036854775808", "-9223372036854775809", "1".repeat(10_000_000)])
    expect(parseInt64(text)).toBe("value out of range");
  for (const text of ["", "+", "1.0", " 1", "1e3", "--1"]) expect(parseInt64(text)).toBe("invalid syntax");
});

test("listen addresses are parsed", () => {
  expect(parseListenAddress(":9090")).toEqual({ host: undefined, port: 9090 });
  expect(parseListenAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
  expect(parseListenAddress("localhost:80")).toEqual({ host: "localhost", port: 80 });
  for (const text of ["9090", "a:b", ":70000", "::1:9090", ""])
    expect(() => parseListenAddress(text)).toThrow(/listen tcp/);
});

test("the start of a range is a time, or a duration before its end", () => {
  const end = 1_800_000_000_000;
  expect(parseRangeStart("2026-01-01T00:00:00Z", end)).toBe(Date.UTC(2026, 0, 1));
  expect(parseRangeStart("1h30m", end)).toBe(end - 5_400_000);
  expect(parseRangeStart("soon", end)).toBeUndefined();
});
