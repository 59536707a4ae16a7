import type { OtlpConfig, OtlpTranslation } from "@narthex/config";
import { expect, test } from "vitest";
import { labelNamer } from "./label-names.ts";
import { metricName, type MetricKind, unitName } from "./metric-names.ts";

const ESCAPED: OtlpTranslation = "UnderscoreEscapingWithSuffixes";
const SHORT: OtlpTranslation = "UnderscoreEscapingWithoutSuffixes";
const KEPT: OtlpTranslation = "NoUTF8EscapingWithSuffixes";

test.each<[OtlpTranslation, string, string, MetricKind, string]>([
  [ESCAPED, "http.server.duration", "s", "histogram", "http_server_duration_seconds"],
  [ESCAPED, "io.total.bytes", "By", "monotonic sum", "io_bytes_total"],
  [ESCAPED, "load", "1", "gauge", "load_ratio"],
  [ESCAPED, "load", "1", "non-monotonic sum", "load"],
  [ESCAPED, "speed", "m/s", "gauge", "speed_meters_per_second"],
  [ESCAPED, "rate", "{packets}/s", "gauge", "rate_per_second"],
  [ESCAPED, "_9__lives_", "foo bar", "gauge", "_9_lives_foo_bar"],
  [ESCAPED, "größe", "%", "gauge", "gr_e_percent"],
  [ESCAPED, "...", "", "gauge", ""],
  [SHORT, "http.server..duration_", "s", "monotonic sum", "http_server_duration_"],
  [SHORT, "9lives", "s", "gauge", "_9lives"],
  [KEPT, "http.server.duration", "s", "histogram", "http.server.duration_seconds"],
  [KEPT, "wait.seconds", "s", "gauge", "wait.seconds"],
  [KEPT, "io.total", "By", "monotonic sum", "io_bytes_total"],
  ["NoTranslation", "io.total", "By", "monotonic sum", "io.total"],
])("%s: %s in %s, a %s, is %s", (strategy, name, unit, kind, expected) => {
  expect(metricName(name, unit, kind, strategy)).toBe(expected);
});

test("units as they are written in metadata", () => {
  expect(["By/s", "1", "{requests}", "1/s", "°C"].map(unitName)).toEqual([
    "bytes_per_second",
    "",
    "",
    "per_second",
    "C",
  ]);
});

const namer = (
  prefixes: boolean,
  keepsRuns: boolean,
  translationStrategy: OtlpTranslation = ESCAPED,
): ((name: string) => string) =>
  labelNamer({
    translationStrategy,
    labelNameUnderscoreSanitization: prefixes,
    labelNamePreserveMultipleUnderscores: keepsRuns,
  } as OtlpConfig);

test("names of labels with the options that change them", () => {
  const names = ["http.method", "9lives", "_a", "__a", "a..b", "__reserved__", "größe"];
  expect(names.map(namer(true, true))).toEqual([
    "http_method",
    "key_9lives",
    "key_a",
    "__a",
    "a__b",
    "__reserved__",
    "gr__e",
  ]);
  expect(names.map(namer(false, false))).toEqual([
    "http_method",
    "key_9lives",
    "_a",
    "_a",
    "a_b",
    "__reserved__",
    "gr_e",
  ]);
  expect(names.map(namer(true, true, "NoTranslation"))).toEqual(names);
});

test("blanks within a unit are read in one pass", () => {
  expect(unitName(`\u0085 x${" ".repeat(1_000_000)}y\u3000`)).toBe("x_y");
});
