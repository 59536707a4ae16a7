import fc from "fast-check";
import { expect, test } from "vitest";
import type { AdHocFilter } from "../prometheus/target.ts";
import { QueryFailure } from "../query-failure.ts";
import { withLogFilters } from "./logql-filters.ts";

const filter = (key: string, operator = "=", value = "v", values: string[] = []): AdHocFilter => ({
  key,
  operator,
  value,
  values,
});

test.each([
  ['{a="b"}', '{a="b", k="v"}'],
  ['{a="b"} |= "}" | line_format `{{.x}}`', '{a="b", k="v"} |= "}" | line_format `{{.x}}`'],
  ['{a="{"} # {c="d"} | json', '{a="{", k="v"} # {c="d"} | json'],
  ['{a="b"} | json', '{a="b"} | json | k="v"'],
  ['{a="b"} | json | x > 5 # the end', '{a="b"} | json | x > 5 | k="v" # the end'],
  ['{a="b"} | json // all {x} lines', '{a="b"} | json | k="v" // all {x} lines'],
  ['/* {x} */ {a="b"} /* | json */', '/* {x} */ {a="b", k="v"} /* | json */'],
  ['sum(rate({a="b"} | logfmt [5m]))', 'sum(rate({a="b"} | logfmt | k="v" [5m]))'],
  ['rate({a="b"}[5m]) / rate({c="d"} | json [5m])', 'rate({a="b", k="v"}[5m]) / rate({c="d"} | json | k="v" [5m])'],
  ['count_over_time(({a="b"} | json) [5m])', 'count_over_time(({a="b"} | json | k="v") [5m])'],
  ["{}", '{k="v"}'],
  ["{ } | json", '{ k="v"} | json'],
  ['{a="b"} |= "| json"', '{a="b", k="v"} |= "| json"'],
  ['{a="b\\"}', '{a="b\\"}'],
  ["vector(1)", "vector(1)"],
])("%s with a filter is %s", (expr, expected) => {
  expect(withLogFilters(expr, [filter("k")])).toBe(expected);
});

test.each([
  [filter("k", "!~", "a.*"), 'k!~"a.*"'],
  [filter("k", "=|", "", ["a.b", "c"]), String.raw`k=~"a\\.b|c"`],
  [filter("k", "!=|", "a"), 'k!~"a"'],
])("the filter %j is the matcher %s", (one, expected) => {
  expect(withLogFilters('{a="b"}', [one])).toBe(`{a="b", ${expected}}`);
});

test.each([
  [filter("a b"), 'filter on "a b": the name of a label'],
  [filter('a="x"} or {b'), "the name of a label consists of"],
  [filter("k", ">"), 'operator ">" is not one of'],
])("the filter %j is refused", (one, problem) => {
  expect(() => withLogFilters("{}", [one])).toThrow(problem);
});

test("a comment without an end is refused", () => {
  expect(() => withLogFilters('{a="b"} /* | json', [filter("k")])).toThrow(QueryFailure);
});

test("without filters the expression stays unchanged", () => expect(withLogFilters("{a", [])).toBe("{a"));

test("a value never leaves its string", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (value) => {
      const out = withLogFilters('{a="b"}', [filter("k", "=", value)]);
      const written = out.slice('{a="b", k='.length, -1);
      expect(written).toMatch(/^"(?:[^"\\\n]|\\.)*"$/u);
      expect(out.endsWith("}")).toBe(true);
    }),
    { numRuns: 1000 },
  );
});
