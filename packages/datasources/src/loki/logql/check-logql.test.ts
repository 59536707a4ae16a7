import { expect, test } from "vitest";
import { logqlProblem } from "./check-logql.ts";

/** Expressions in the forms that Loki's documentation of LogQL describes. */
const VALID = [
  // Stream selectors
  '{app="shop"}',
  '{ app = "shop" , name =~ "web.+" , level != "debug" , zone !~ "b|c" }',
  "{name=~`web-\\d+`}",
  '{app="shop", name=~".*"}',
  '({app="shop"})',
  '{app!=""}',
  // Line filters
  '{job="shop"} |= "error"',
  '{job="shop"} |= "error" != "timeout" |~ `took \\d+ms` !~ "(?i)debug"',
  '{job="shop"} |~ "took \\\\d+ms"',
  '{job="shop"} |> "<_> level=debug <_>" !> `<_> GET <_>`',
  '{job="shop"} |= "error" or "warning" or `fatal`',
  '{job="shop"} |= ip("10.0.0.0/8") != ip("10.1.0.1-10.1.0.9")',
  '{job="shop"} |= ip("10.0.0.1") or "local"',
  // Parsers
  '{job="shop"} | json',
  '{job="shop"} | json status, user="request.user[0]"',
  '{job="shop"} | logfmt',
  '{job="shop"} | logfmt --strict --keep-empty host, address="remote"',
  '{job="shop"} | pattern `<ip> - - <_> "<method> <uri> <_>" <status> <size>`',
  '{job="shop"} | regexp "(?P<method>\\\\w+) (?P<path>[^ ]+)"',
  '{job="shop"} | unpack',
  '{job="shop"} | decolorize',
  // Label filters
  '{job="shop"} | json | status >= 500',
  '{job="shop"} | json | status == 500 or status = 501',
  '{job="shop"} | logfmt | duration >= 20ms and size > 20KB',
  '{job="shop"} | logfmt | duration > 1m30s, size <= 1.5MiB status != 404',
  '{job="shop"} | logfmt | (duration > 1.5h or size == 20B) and method!~"2.."',
  '{job="shop"} | logfmt | address = ip("::1") | method = `GET`',
  '{job="shop"} | logfmt | rate="a" | sum > -5 | bytes="1"',
  '{job="shop"} | logfmt | __error__=""',
  '{job="shop"}|logfmt|level=~"warn|error"|="slow"',
  // Formats
  '{job="shop"} | logfmt | line_format "{{.path}} {{.status}}"',
  '{job="shop"} | logfmt | line_format `{{ .path | replace "a" "b" }}`',
  '{job="shop"} | logfmt | label_format target=path, code="{{.status}}"',
  '{job="shop"} | json | drop level, method="GET", path=~"/a.*"',
  '{job="shop"} | json | keep level, method="GET"',
  // Comments
  '{job="shop"} # all lines of the shop\n  | json # with labels\n  # | status > 1\n  | level="error"',
  '{job="shop"} // comment\n/* and\n another */ |= "a"',
  '{job="shop"} |= "#1" |= `# 2`',
  // Ranges
  'rate({job="shop"}[5m])',
  'count_over_time({job="shop"} |= "error" [1h30m])',
  'count_over_time({job="shop"}[5m] |= "error")',
  'bytes_rate({job="shop"}[1d])',
  'bytes_over_time(({job="shop"} | json)[5m])',
  'count_over_time(({job="shop"}[5m]))',
  'absent_over_time({job="shop"}[1w])',
  'rate({job="shop"}[5m] offset 1h)',
  'rate({job="shop"} | json [5m] offset -30s)',
  // Unwrapped values
  'sum_over_time({job="shop"} | logfmt | unwrap size [1m])',
  'rate({job="shop"} | json | unwrap bytes(size) | __error__="" [1m])',
  'quantile_over_time(0.99, {job="shop"} | json | unwrap duration_seconds(took) [5m]) by (path)',
  'max_over_time({job="shop"} | unwrap duration(took) [5m]) without (pod, zone)',
  'first_over_time({job="shop"}[5m] | unwrap took)',
  'rate_counter({job="shop"} | unwrap total [5m])',
  // Aggregations
  'sum(rate({job="shop"}[5m]))',
  'sum by (level, app) (rate({job="shop"}[5m]))',
  'SUM(count_over_time({job="shop"}[5m])) BY (level)',
  'avg without () (rate({job="shop"}[5m]))',
  'topk(10, sum(rate({job="shop"}[5m])) by (path))',
  'bottomk by (a) (2, rate({job="shop"}[5m]))',
  'approx_topk(5, sum by (ip) (rate({job="shop"}[5m])))',
  'sort_desc(sum(rate({job="shop"}[5m])) by (path))',
  'label_replace(rate({job="shop"}[5m]), "to", "$1", "from", "(.*)")',
  // Operators
  "1 + 2 * 3 ^ 2",
  '-1 + rate({job="shop"}[5m]) / +2',
  'sum(rate({job="a"}[5m])) / sum(rate({job="b"}[5m])) * 100',
  'rate({job="a"}[5m]) and on (app) rate({job="b"}[5m])',
  'rate({job="a"}[5m]) > bool 5 or vector(0)',
  'sum by (app, pod) (rate({job="a"}[5m])) * on (app) group_left (team) sum by (app, team) (rate({job="b"}[5m]))',
  'sum by (app, pod) (rate({job="a"}[5m])) / on (app) group_left sum by (app) (rate({job="b"}[5m]))',
  'sum by (app) (rate({job="a"}[5m])) / ignoring (pod) group_right () (rate({job="b"}[5m]))',
  'rate({job="a"}[5m]) unless rate({job="b"}[5m]) != 0',
  // Variables of dashboards
  '{job="$job"} |= "$text"',
  '{job=~"${job:regex}", pod=~"[[pod]]"} |~ "${text:regex}("',
  "{$label=`$value`}",
  '{$filters, app="shop"} | json',
  "{$filters} $pipeline",
  "$selector | json | $filter",
  'sum by ($by) (rate({job="shop"}[$__interval])) > $limit',
  'sum by (${by:csv}) (count_over_time({job="shop"}[$__range]))',
  'count_over_time({job="shop"}[${__range_s}s] offset $offset)',
  'topk($n, rate({job="shop"} $filter [[[range]]]))',
  'sum_over_time({job="shop"} | json | unwrap $field [$__auto])',
  'sum_over_time({job="shop"} $unwrap [$__auto])',
  '$function({job="shop"}[5m])',
  'sum(${metric}_over_time({job="shop"}[5m]))',
  'sum(rate({job="shop"}[5m])) $operator 5',
  '{app=~".*$app"}',
];

test.each(VALID)("Loki accepts %s", (text) => {
  expect(logqlProblem(text)).toBeUndefined();
});

const MISTAKES: readonly (readonly [string, string])[] = [
  [
    '{app="shop"',
    "line 1, column 12: the end of the query is unexpected: write a comma between two matchers, and } after",
  ],
  ['{app="shop}', "line 1, column 6: the string has no end"],
  ["{app='shop'}", "line 1, column 6: a string begins with a single quote; use double quotes or backquotes"],
  [
    "{app=shop}",
    "line 1, column 6: shop is unexpected: the value of a matcher is a string, so write it between quotes",
  ],
  ['{app=="shop"}', "line 1, column 5: == is unexpected: a matcher compares a label by =, !=, =~ or !~"],
  ['{app="shop" pod="a"}', "line 1, column 13: pod is unexpected: write a comma"],
  ['{app="shop",}', "line 1, column 13: } is unexpected: a comma has no matcher after it"],
  ['{app=~".*"}', "line 1, column 1: the stream selector accepts streams without any of its labels"],
  ["{}", "line 1, column 1: the stream selector accepts streams without any of its labels"],
  ['{app=~"a(b"}', "line 1, column 7: the regular expression is invalid: error parsing regexp: missing closing )"],
  [
    '{app="a"} |~ "\\d+"',
    "line 1, column 15: \\d is no escape sequence in double quotes; write \\\\d, or put the string",
  ],
  ['{app="a"} |~ "a["', "line 1, column 14: the regular expression is invalid"],
  ['{app="a"} |= error', "line 1, column 14: error is unexpected: the text of a line filter is a string"],
  ['{app="a"}\n  | jsn', "line 2, column 8: the end of the query is unexpected: jsn is no stage"],
  ['{app="a"} | logfmt | status > "500"', "line 1, column 31: a string is unexpected: > compares with a number"],
  ['{app="a"} | logfmt | level = error', "line 1, column 30: error is unexpected: a label is compared with a string"],
  ['{app="a"} | pattern', "the argument of pattern is a string"],
  ['{app="a"} | regexp "a(b)"', "regexp needs a named group"],
  ['{app="a"} | label_format b', "label_format sets a label"],
  ['{app="a"} | unwrap b', "unwrap needs a range and a function"],
  ['{app="a"}[5m]', "line 1, column 10: [5m] is unexpected: a range needs a function"],
  ['rate({app="a"})', "line 1, column 15: ) is unexpected: rate needs a range such as [5m]"],
  ['rate({app="a"}[5])', "line 1, column 15: [5] is not a duration; write a number and a unit, such as [5m]"],
  ['rate({app="a"}[5m:1m])', "[5m:1m] is a subquery, which LogQL does not have"],
  ['rate({app="a"}[5m)', "the range has no end"],
  ['rate({app="a"}[5m]) offset 1h', "offset is unexpected: the expression ends before it"],
  ['sum(rate({app="a"}[5m])', "the end of the query is unexpected: the argument of sum ends, so write ) before it"],
  ['sum({app="a"})', "line 1, column 5: sum aggregates series, but its argument returns log lines"],
  ['rate by (a) ({app="a"}[5m])', "rate takes its grouping behind the parentheses"],
  ['rate({app="a"}[5m]) by (a)', "rate takes no grouping; write sum by (…) (rate(…))"],
  ['sum_over_time({app="a"}[5m])', "sum_over_time computes with values; add | unwrap and a label before the range"],
  ['count_over_time({app="a"} | unwrap b [5m])', "count_over_time counts lines, so it takes no unwrap"],
  ['quantile_over_time({app="a"} | unwrap b [5m])', "quantile_over_time needs a quantile before the selector"],
  ['topk(rate({app="a"}[5m]))', "topk needs a number of series first, such as topk(10, …)"],
  ['topk(0.5, rate({app="a"}[5m]))', "topk takes a whole number of at least 1; 0.5 is none"],
  ['sum(2, rate({app="a"}[5m]))', "sum takes no number before the expression"],
  ['sort by (a) (rate({app="a"}[5m]))', "sort takes no grouping"],
  ['histogram_quantile(0.9, rate({app="a"}[5m]))', "histogram_quantile is unexpected: LogQL has no such function"],
  ['{app="a"} / 2', "line 1, column 1: the operator / computes with series, but this side returns log lines"],
  ['rate({app="a"}[5m]) or 0', "line 1, column 24: or compares series, but this side is a number; write vector(…)"],
  ['rate({app="a"}[5m]) +', "the end of the query is unexpected"],
  ['sum by (a rate({app="a"}[5m])', "line 1, column 11: rate is unexpected: labels of by are separated by commas"],
  ["rate(up[5m])", "line 1, column 6: up is unexpected: the function reads lines"],
  ['{app="a"} ; x', 'the character ";" has no meaning'],
  ['{app="$app"} | logfmt | status > "500"', "> compares with a number"],
  ['sum(rate({app="$app"}[$__auto])', "write ) before it"],
  [`${"(".repeat(3)}{app="a"}))`, "a parenthesis is open"],
];

test.each(MISTAKES)("%s is reported with its place and a remedy", (text, message) => {
  expect(logqlProblem(text)).toContain(message);
});

test("a mistake next to a variable is not reported, because it may depend on the value", () => {
  expect(logqlProblem('{app="a"} | $a $b 5 5')).toBeUndefined();
  expect(logqlProblem('{app="a"} | json x y')).toContain("line 1, column 20");
});

test("deep nesting is not checked, and does not end the stack", () => {
  expect(logqlProblem("(".repeat(120_000))).toBeUndefined();
  expect(logqlProblem(`{app="a"} | json | ${"(".repeat(100_000)}`)).toBeUndefined();
  expect(logqlProblem("sum(".repeat(20_000))).toBeUndefined();
});

test("a mistake before deep nesting is reported", () => {
  expect(logqlProblem("count_over_time((".repeat(7000))).toContain("line 1, column 18: count_over_time is unexpected");
  expect(logqlProblem('{app="a"} | json | ('.repeat(6000))).toContain("line 1, column 21: { is unexpected");
});

test("a query that is too long is reported with its length", () => {
  expect(logqlProblem("1".repeat(200_000))).toBe("the query has 200000 characters; Loki accepts at most 131071");
});

test.each([
  ["a", "line 1, column 1: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… is unexpected: a query begins with"],
  ["[", "line 1, column 1: the range has no end; write ] after it"],
  ['"', "line 1, column 1: a string is unexpected: a query begins with"],
  ["-1m", "line 1, column 1: -1m is unexpected: a query begins with"],
  ["1.1", "line 1, column 5: .11 is unexpected: the expression ends before it"],
  ["\\", 'line 1, column 1: the character "\\\\" has no meaning outside of a string'],
  ["/* ", "line 1, column 1: the comment has no end; write */ after it"],
  ["{a", "line 1, column 3: { is unexpected: a matcher compares a label"],
  ["5m", "line 1, column 1: 5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m5m… is unexpected: a query begins with"],
  ["5m1.", "line 1, column 2: m1 is unexpected: the expression ends before it"],
])("the mistake in 131,000 characters of %s is reported with its place", (part, message) => {
  expect(logqlProblem(part.repeat(131_000 / part.length))).toContain(message);
});

test.each(["1", "$a", "a$b"])("131,000 characters of %s are a number or depend on variables: no mistake", (part) => {
  expect(logqlProblem(part.repeat(131_000 / part.length))).toBeUndefined();
});

test.each([
  ["a range that is no duration", `rate({a="b"}[${"1".repeat(100_000)}])`],
  ["a range with a long number", `[${"1".repeat(100_000)}m]`],
  ["a parameter that is no whole number", `topk(${"1".repeat(100_000)}.5, rate({a="b"}[5m]))`],
  ["a word", "a".repeat(100_000)],
  ["a regular expression", `{a=~"${"(".repeat(100_000)}"}`],
])("a message shortens %s", (_, text) => {
  expect(logqlProblem(text)!.length).toBeLessThan(300);
});
