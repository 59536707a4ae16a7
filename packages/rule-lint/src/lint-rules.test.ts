import { parseRuleFile } from "@narthex/rules";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { type Finding, lintRules, type LintRequest } from "./index.ts";

const FILE = "rules.yml";

/** Checks the rules of one group. `rules` is a YAML list without indentation. */
async function lint(rules: string, options: Partial<LintRequest> = {}): Promise<readonly Finding[]> {
  const source = `groups:\n- name: g\n  rules:\n${rules
    .trim()
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")}\n`;
  const loaded = parseRuleFile(source, FILE);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const files = [{ file: FILE, groups: loaded.value, source }];
  return (await lintRules({ files, clock: systemClock, parser: {}, ...options })).findings;
}

const alert = (expr: string, more = "for: 5m"): string =>
  `- alert: A\n  expr: ${JSON.stringify(expr)}\n${more
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")}`;

const names = (findings: readonly Finding[]): readonly string[] => findings.map(({ check }) => check);

const named = async (expr: string): Promise<readonly string[]> => names(await lint(alert(expr)));

test.each([
  "x > 5 and x < 3",
  "x > 5 < 3",
  "x > 5 and y > 1 and x < 3",
  "x > 5 unless x > 3",
  "count(up == 0) == 0",
  "count by (job) (up) < 1",
  "absent(x) == 0",
  "absent(x) > 1",
  "rate(x_total[5m]) < 0",
  "sum(rate(x_total[5m])) < 0",
  "hour() > 24",
  "clamp_max(x, 5) > 6",
  "3 > x and x > 5",
  'x{a="1", a="2"} > 0',
])("%s contradicts itself", async (expr) => expect(await named(expr)).toEqual(["contradiction"]));

test.each([
  "x > 5 and x < 9",
  "x > 5 and y < 3",
  "x > 5 and on (job) x < 3",
  "x > 5 unless x > 7",
  "x > 5 unless x != 3",
  "(count(up == 0) or vector(0)) == 0",
  "absent(x) == 1",
  "rate(x_total[5m]) <= 0",
  "hour() > 22",
  "-rate(x_total[5m]) < 0",
  "x - 5 < 0",
  "rate(x_total[5m]) - 5 < -1",
  "count(x) > 0",
  "up < 1 > 0",
])("%s does not contradict itself", async (expr) => expect(await named(expr)).not.toContain("contradiction"));

test.each([
  ["x", "warning"],
  ["sum(x)", "warning"],
  ["x + y", "warning"],
  ["x > bool 5", "error"],
  ["x and y > bool 5", "error"],
  ["x > 1 or y", "warning"],
  ["rate(x_total[5m]) >= 0", "warning"],
  ["x * on () group_left () (y > bool 5)", "error"],
])("%s has no condition", async (expr, severity) =>
  expect(await lint(alert(expr))).toMatchObject([{ check: "no-condition", severity }]),
);

test.each([
  "x > 1",
  "absent(x)",
  "vector(1)",
  "x unless y",
  "x > bool 5 == 1",
  "sum(x > 5)",
  "ALERTS{alertstate='firing'}",
  "count(x) > 0",
  "max_over_time((x > 5)[10m:1m])",
  "x and on (job) (y > 5)",
  'listener_info{state="down"}',
])("%s has a condition", async (expr) => expect(await named(expr)).not.toContain("no-condition"));

test("an alert without for is noted, except over long windows, and absent() without for is a warning", async () => {
  expect(await lint(alert("x > 1", "labels: {}"))).toMatchObject([{ check: "missing-for", severity: "info" }]);
  expect(await lint(alert("absent(x)", "labels: {}"))).toMatchObject([{ check: "missing-for", severity: "warning" }]);
  expect(await lint(alert("increase(x_total[10m]) > 1", "labels: {}"))).toEqual([]);
  expect(await lint(alert("vector(1)", "labels: {}"))).toEqual([]);
});

test("functions for counters and gauges are compared with the name, the rule that records the metric, and metadata", async () => {
  expect(await named("rate(disk_ratio[5m]) > 1")).toEqual(["counter-function"]);
  expect(await named("delta(x_total[5m]) > 1")).toEqual(["counter-function"]);
  expect(await named("rate(sum(x_total)[5m:1m]) > 1")).toEqual(["counter-function"]);
  expect(await named("rate(x[5m]) > 1 and delta(y[5m]) > 1")).toEqual([]);
  const recorded = "- record: job:x:rate5m\n  expr: sum by (job) (rate(x_total[5m]))\n";
  expect(names(await lint(recorded + alert("rate(job:x:rate5m[5m]) > 1")))).toEqual(["counter-function"]);
  const types: Record<string, string[]> = { x_total: ["gauge"], y: ["counter"] };
  const data = {
    instant: () => Promise.resolve({ series: 1, greatest: 1, samplesRead: 1 }),
    lastResult: () => Promise.resolve(undefined),
    metricTypes: (metric: string) => Promise.resolve(types[metric] ?? []),
  };
  expect(names(await lint(alert("delta(x_total[5m]) > 1"), { data }))).toEqual([]);
  expect(names(await lint(alert("delta(y[5m]) > 1"), { data }))).toEqual(["counter-function"]);
});

test("the value of a counter is not a condition, unless it is compared with 0", async () => {
  expect(await named("errors_total > 10")).toEqual(["raw-counter"]);
  expect(await named("sum by (job) (errors_total) > 10")).toEqual(["raw-counter"]);
  expect(await named("errors_total == 0")).toEqual([]);
  expect(await named("errors_total - errors_total offset 5m > 10")).toEqual([]);
  expect(await named("increase(errors_total[5m]) > 10")).toEqual([]);
});

test("a window below two scrape intervals is reported, by the configuration or the stored samples", async () => {
  const at = async (expr: string, options: Partial<LintRequest>) => names(await lint(alert(expr), options));
  expect(await at("rate(x_total[1m]) > 1", { scrapeIntervalMs: 60_000 })).toEqual(["short-window"]);
  expect(await at("rate(x_total[2m]) > 1", { scrapeIntervalMs: 60_000 })).toEqual([]);
  expect(await at("max_over_time(x[1m]) > 1", { scrapeIntervalMs: 60_000 })).toEqual([]);
  expect(await at("rate(x_total[1m]) > 1", {})).toEqual([]);
  expect(await at("deriv(x[5m:3m]) > 1", {})).toEqual(["short-window"]);
  const data = {
    instant: (expr: string) =>
      Promise.resolve({ series: 1, greatest: expr.startsWith("max(count_over_time(") ? 30 : 1, samplesRead: 1 }),
    lastResult: () => Promise.resolve(undefined),
    metricTypes: () => Promise.resolve([]),
  };
  expect(await at("rate(x_total[1m]) > 1", { data, scrapeIntervalMs: 60_000 })).toEqual([]);
  expect(await at("rate(x_total[45s]) > 1", { data })).toEqual(["short-window"]);
});

test("a template that shows a removed label is reported with the position of the label", async () => {
  const findings = await lint(`- alert: A
  expr: sum by (job) (x) > 1
  for: 5m
  annotations:
    summary: "{{ $labels.job }} on {{ $labels.instance }}"
    folded: >-
      one
      two {{ with $labels.zone }}{{ . }}{{ end }}
    index: '{{ index $labels "pod" }}'
    fine: '{{ range query "up" }}{{ .Labels.other }}{{ end }}{{ $labels.job }}'`);
  expect(findings.map(({ check, line, column }) => [check, line, column])).toEqual([
    ["template-label", 11, 28],
    ["template-label", 12, 18],
    ["template-label", 8, 48],
  ]);
});

test("labels are followed through functions, joins and set operators", async () => {
  const shows = async (expr: string, label: string) =>
    names(await lint(alert(expr, `for: 5m\nannotations: { t: "{{ $labels.${label} }}" }`)));
  expect(await shows("x > 1", "pod")).toEqual([]);
  expect(await shows('absent(x{job="a", pod=~"b|c"})', "job")).toEqual([]);
  expect(await shows('absent(x{job="a", pod=~"b|c"})', "pod")).toEqual(["template-label"]);
  expect(await shows("sum by (job) (x) > 1 or sum by (pod) (x) > 1", "pod")).toEqual([]);
  expect(await shows('label_replace(sum(x), "pod", "$1", "job", "(.*)") > 1', "pod")).toEqual([]);
  expect(await shows("sum by (job) (x) * on (job) group_left (pod) y > 1", "pod")).toEqual([]);
  expect(await shows("x * on (job) y > 1", "pod")).toEqual(["template-label"]);
  expect(await shows("sum without (pod) (x) > 1", "pod")).toEqual(["template-label"]);
  expect(await shows('x{pod=""} > 1', "pod")).toEqual(["template-label"]);
});

test("invalid queries in templates and values in labels are errors", async () => {
  const findings = await lint(
    alert(
      "x > 1",
      `for: 5m\nlabels: { v: "{{ $value }}", s: "{{ if gt $value 9.0 }}page{{ else }}mail{{ end }}" }\nannotations: { q: '{{ query "up{" }}' }`,
    ),
  );
  expect(findings.map(({ check, severity }) => [check, severity])).toEqual([
    ["template-query", "error"],
    ["value-label", "error"],
  ]);
});

test.each([
  "sum by (zone) (sum by (job) (x)) > 1",
  "sum(x) / on (job) sum by (job) (y) > 1",
  "x * on (job) group_left (zone) sum by (job) (y) > 1",
  'x{job="a"} unless sum(y > 1)',
  "sum by (job, status) (x) / sum by (job) (y) > 1",
  'x{job="a"} > 1 and sum(y) > 1',
])("%s uses a label that is gone", async (expr) => expect(await named(expr)).toEqual(["dead-label"]));

test.each([
  "sum by (job) (sum by (job, zone) (x)) > 1",
  "x * on (job) group_left (zone) y > 1",
  "x and y > 1",
  'x{job="a"} / ignoring (job) sum(y) > 1',
  "sum by (job) (x) / sum by (job) (y) > 1",
  "sum by (job) (x) > 1 or sum(x) > 1",
])("%s uses labels that exist", async (expr) => expect(await named(expr)).not.toContain("dead-label"));

test("equal rules, equal expressions and expressions that are recorded already are reported", async () => {
  const record = (name: string, expr: string, more = ""): string => `- record: ${name}\n  expr: ${expr}\n${more}`;
  const rate = "sum by (job) (rate(x_total[5m]))";
  expect(names(await lint(record("a:b", "x") + record("a:b", "y")))).toEqual(["duplicate-rule"]);
  expect(names(await lint(record("a:b", "x") + record("a:b", "x", "  labels: { a: b }\n")))).toEqual([]);
  expect(names(await lint(record("a:b", '"x{code=~\\"2..\\"}"') + record("a:b", '"x{code=~\\"5..\\"}"')))).toEqual([]);
  expect(names(await lint(record("a:b", "sum(x)") + record("a:c", "sum( x )")))).toEqual(["duplicate-expression"]);
  expect(names(await lint(record("job:x:rate5m", rate) + alert(`${rate} > 1`)))).toEqual(["recorded-expression"]);
  const three = [1, 2, 3].map((n) => alert(`${rate} > ${n}`).replace("alert: A", `alert: A${n}`)).join("\n");
  expect(await lint(three)).toMatchObject([{ check: "repeated-expression", rule: "A1" }]);
});

test("needless patterns, changing selections, long intervals and unknown alerts are reported", async () => {
  expect(await named('x{a=~"b"} > 1')).toEqual(["plain-pattern"]);
  expect(await named('x{a=~"^b.*"} > 1')).toEqual(["plain-pattern"]);
  expect(await named('x{a=~"b|c"} > 1')).toEqual([]);
  expect(await named("topk(3, x) > 1")).toEqual(["changing-series"]);
  expect(await named("sum(topk(3, x)) > 1")).toEqual([]);
  expect(await named('ALERTS{alertname="B"}')).toEqual(["unknown-alert"]);
  expect(await named('ALERTS{alertname="A"}')).toEqual([]);
  expect(names(await lint("- record: a:b\n  expr: x", { evaluationIntervalMs: 600_000 }))).toEqual(["long-interval"]);
});

test("a comment switches checks off for its rule or for the file, and needs a known check and a reason", async () => {
  const missing = alert("x > 1", "labels: {}");
  expect(names(await lint(`# narthex-lint disable missing-for: by design\n${missing}`))).toEqual([]);
  expect(
    names(await lint(`${missing}\n${missing.replace("alert: A", "alert: B # narthex-lint disable missing-for: x")}`)),
  ).toEqual(["missing-for", "duplicate-expression"]);
  expect(
    names(await lint(`${missing}\n# narthex-lint disable missing-for: x\n${alert("y > 1", "labels: { a: b }")}`)),
  ).toEqual(["missing-for"]);
  expect(names(await lint(`${missing}\n# narthex-lint disable-file missing-for: by design`))).toEqual([]);
  for (const bad of ["disable missing-for", "disable nothing: x", "remove missing-for: x"])
    expect(await lint(`# narthex-lint ${bad}\n${missing}`)).toMatchObject([
      { check: "lint-comment", line: 4, column: 3 },
      { check: "missing-for" },
    ]);
});

test("positions lead to the operator or call in plain, quoted and folded expressions", async () => {
  const place = async (expr: string) => {
    const [finding] = await lint(`- alert: A\n  for: 5m\n  expr: ${expr}`);
    return [finding!.line, finding!.column];
  };
  expect(await place("y > 1 or delta(x_total[5m]) > 1")).toEqual([6, 20]);
  expect(await place("'y{a=\"b\"} > 1 or delta(x_total[5m]) > 1'")).toEqual([6, 28]);
  expect(await place("|\n    y > 1\n      or delta(x_total[5m]) > 1")).toEqual([8, 12]);
  expect(await place('"y{a=\\"é\\"} > 1 or delta(x_total[5m]) > 1"')).toEqual([6, 30]);
});
