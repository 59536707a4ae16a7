import { interpolate, promqlFormat, unitCategories } from "@narthex/dashboards";
import { parseExpression, printExpression, resultLabels } from "@narthex/promql/syntax";
import { parseRuleFile } from "@narthex/rules";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ruleContent, ruleYaml } from "./rule-yaml.ts";
import { type ThresholdRequest, thresholdRule } from "./threshold-rule.ts";

const usual: ThresholdRequest = {
  query: { expr: "rate(http_errors_total[5m])" },
  condition: { isAbove: true, value: 0.8 },
  group: "Service",
  name: "ErrorsHigh",
  wait: "5m",
  severity: "warning",
  summary: "",
  description: "",
  unit: "percentunit",
  labels: [],
  panel: {
    title: "Errors",
    id: "3",
    dashboardUid: "svc",
    address: "http://host/d/svc/service?viewPanel=panel-3&var-a=x",
  },
};

const made = (change: Partial<ThresholdRequest>): ReturnType<typeof thresholdRule> =>
  thresholdRule({ ...usual, ...change });
const exprOf = (expr: string, isAbove = true): string =>
  made({ query: { expr }, condition: { isAbove, value: 80 } }).expr;

function readBack(yaml: string) {
  const loaded = parseRuleFile(yaml, "r.yml", { parser: { experimentalFunctions: true } });
  if (!loaded.ok) throw new Error(`${yaml}\n${JSON.stringify(loaded.problems)}`);
  const rule = loaded.value[0]!.rules[0]!;
  if (rule.kind !== "alerting") throw new Error("no alerting rule");
  return { group: loaded.value[0]!.name, rule };
}

test("thresholdRule() writes a rule file that links back to its panel", () => {
  const { yaml, content, problems, warnings, forMs } = made({});
  expect(yaml).toBe(`groups:
- name: Service
  rules:
  - alert: ErrorsHigh
    expr: rate(http_errors_total[5m]) >= 0.8
    for: 5m
    labels:
      severity: warning
    annotations:
      summary: Errors of {{ $labels.instance }} is at or above 80%
      description: Errors has been at or above 80% for 5m; it is {{ $value | humanizePercentage
        }} now.
      dashboard: http://host/d/svc/service?viewPanel=panel-3&var-a=x
      __dashboardUid__: svc
      __panelId__: "3"
`);
  expect([problems, warnings, forMs]).toEqual([[], [], 300_000]);
  const { rule } = readBack(yaml);
  expect(content).toEqual({
    group: "Service",
    rule: {
      alert: "ErrorsHigh",
      expr: "rate(http_errors_total[5m]) >= 0.8",
      for: "5m",
      labels: { severity: "warning" },
      annotations: Object.fromEntries(rule.annotations),
    },
  });
});

test.each([
  ["up", "up >= 80"],
  ["a or b", "(a or b) >= 80"],
  ["a > 5", "(a > 5) >= 80"],
  ["100 - avg(x) * 100", "100 - avg(x) * 100 >= 80"],
  ["-x", "-x >= 80"],
  ["time() - 5", "vector(time() - 5) >= 80"],
  ["sum(x) # of all\n", "sum(x) >= 80"],
])("the query %s gives the expression %s", (query, expr) => expect(exprOf(query)).toBe(expr));

test("a long query is split into several lines", () => {
  const query = `sum by (instance) (rate(${"a".repeat(60)}[5m])) / sum by (instance) (rate(${"b".repeat(30)}[5m]))`;
  expect(made({ query: { expr: query } }).yaml).toContain(`    expr: |
      (
          sum by (instance) (rate(${"a".repeat(60)}[5m]))
        /
          sum by (instance) (rate(${"b".repeat(30)}[5m]))
      )
      >= 0.8
    for: 5m
`);
});

test("the alert fires below the threshold if the condition requires this", () =>
  expect(exprOf("up", false)).toBe("up < 80"));

test("filters of the dashboard are added to every selector", () => {
  const query = { expr: "a / b", adhocFilters: [{ key: "job", operator: "=", value: 'x"y' }] };
  expect(made({ query }).expr).toBe('a{job="x\\"y"} / b{job="x\\"y"} >= 0.8');
});

describe("errors are reported with their position", () => {
  test.each([
    [{ query: { expr: "rate(x" } }, 5, "could not parse expression"],
    [{ query: { expr: "x[5m]" } }, 5, "could not parse expression"],
    [{ query: { expr: '"text"' } }, 5, "could not parse expression"],
    [{ wait: "5 minutes" }, 6, 'in duration "5 minutes"'],
    [{ summary: "{{ $labels.instance " }, 10, 'annotation "summary"'],
    [{ name: "" }, 4, "one of 'record' or 'alert' must be set"],
  ])("%j", (change, line, message) => {
    const { problems, yaml } = made(change);
    expect(problems, yaml).toHaveLength(1);
    expect([problems[0]!.line, problems[0]!.message]).toEqual([line, expect.stringContaining(message)]);
  });
});

test("features that servers accept only with a feature flag cause a warning", () => {
  const { problems, warnings } = made({ query: { expr: 'sort_by_label(up, "a")' } });
  expect(problems).toEqual([]);
  expect(warnings[0]).toContain("--enable-feature");
});

test("an address that is not an HTTP URL is left out", () => {
  for (const address of ["javascript:alert(1)", "/d/x", "mailto:a@b", ""]) {
    expect(made({ panel: { ...usual.panel, address } }).yaml).not.toContain("dashboard:");
  }
});

test.each([
  ["up", "all but __name__"],
  ["sum by (a, b) (x)", "a,b"],
  ["sum(x)", ""],
  ["sum without (a) (x)", "all but __name__,a"],
  ["topk(3, sum by (a) (x))", "a"],
  ['label_replace(sum by (a) (x), "c", "$1", "a", "(.*)")', "a,c"],
  ["histogram_quantile(0.9, sum by (le, a) (rate(x[5m])))", "a"],
  ["sum by (a) (x) / on (b) group_left (c) y", "a,c"],
  ["x / on (a) y", "a"],
  ["2 * sum by (a) (x)", "a"],
  ["time()", ""],
  ['count_values("v", x)', "v"],
])("the result of %s has the labels %s", (text, expected) => {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(text);
  const { isOnly, names } = resultLabels(parsed.expr);
  expect(`${isOnly ? "" : "all but "}${[...names].join(",")}`).toBe(expected);
});

test("the alert's text contains the labels that distinguish the series, unless the query removes them", () => {
  const query = { expr: "sum by (mode, device) (x)" };
  expect(made({ query, labels: ["device", "gone"] }).summary).toContain("of {{ $labels.device }} is");
  expect(made({ query }).summary).toContain("of {{ $labels.mode }}, {{ $labels.device }} is");
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(...Array.from(" \n\t\r\"'\\:#-{}[]|>%@`!&*?,~x1.\u0085\u2028\ufeff\u0000{{}}$")),
    maxLength: 40,
  }),
  fc.constantFrom(
    "yes",
    "null",
    "~",
    "1",
    "1:30",
    "0x1F",
    "2020-01-01",
    "<<",
    "=",
    "---",
    "...",
    "a: b",
    "a #b",
    "|",
    "{{",
    "}}",
    "{{ .x",
  ),
);
const labelNames = fc.constantFrom("job", "instance", "le", "mode", "with.dot");
const { expr: anyQuery } = fc.letrec<{ expr: string; vector: string }>((tie) => ({
  vector: fc
    .tuple(
      fc.constantFrom("up", "http_requests_total", "a:b"),
      labelNames,
      fc.constantFrom("=", "!=", "=~", "!~"),
      anyText,
    )
    .map(([name, label, operator, text]) => {
      const value = operator.endsWith("~") ? text.replaceAll(/[^a-z0-9]/g, ".") : text.toWellFormed();
      return `${name}{"${label}"${operator}${JSON.stringify(value)}}`;
    }),
  expr: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    tie("vector"),
    tie("vector").map((one) => `rate(${one}[5m])`),
    fc
      .tuple(tie("expr"), fc.array(labelNames, { maxLength: 3 }))
      .map(([one, by]) => `sum by (${by.map((name) => JSON.stringify(name)).join(",")}) (${one})`),
    fc
      .tuple(tie("expr"), fc.constantFrom("+", "/", ">", "and", "or", "unless", "^"), tie("expr"))
      .map((parts) => parts.join(" ")),
    tie("expr").map((one) => `(${one})`),
    tie("expr").map((one) => `-${one}`),
    tie("expr").map((one) => `max_over_time((${one})[1h:5m])`),
    fc.constantFrom("time()", "vector(1)", "5"),
  ),
}));

test("thresholdRule() generates a rule for any valid query, and the left side of its expression is that query", () => {
  const units = fc.constantFrom(
    ...unitCategories.flatMap(({ units }) => units.map(([id]) => id)),
    "suffix:{{",
    "prefix:{",
    "prefix:{{",
    "xyz",
  );
  const request = fc.record({
    expr: anyQuery,
    isAbove: fc.boolean(),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    unit: units,
    title: anyText,
    group: anyText,
    // The severity contains no braces, because a severity may be a template.
    severity: anyText.map((text) => text.replaceAll("{", "")),
    labels: fc.array(labelNames, { maxLength: 4 }),
    uid: anyText,
  });
  fc.assert(
    fc.property(request, ({ expr, isAbove, value, unit, title, group, severity, labels, uid }) => {
      const parsed = parseExpression(expr);
      fc.pre(parsed.ok);
      const panel = { ...usual.panel, title, dashboardUid: uid };
      const {
        yaml,
        problems,
        expr: whole,
      } = made({ query: { expr }, condition: { isAbove, value }, unit, group, severity, labels, panel });
      expect(problems, yaml).toEqual([]);
      const { rule } = readBack(yaml);
      expect(rule.expr.kind).toBe("binary");
      if (rule.expr.kind !== "binary" || !parsed.ok) return;
      expect(rule.query.trim()).toBe(whole);
      expect(rule.expr.op).toBe(isAbove ? ">=" : "<");
      const lhs = printExpression(rule.expr.lhs);
      const query = printExpression(parsed.expr);
      expect([query, `(${query})`, `vector(${query})`]).toContain(lhs);
    }),
    { numRuns: 500 },
  );
});

test("the values of a variable match only themselves in the rule, whatever quotes, backslashes and pattern characters they contain", () => {
  const value = fc.string({
    unit: fc.constantFrom(...Array.from("ab.*+?()[]{}|^$\\\"'\n\u00e9 -/#")),
    minLength: 1,
    maxLength: 8,
  });
  const several = fc.uniqueArray(value, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(several, value, fc.boolean(), (chosen, other, isMulti) => {
      const values = isMulti ? chosen : chosen.slice(0, 1);
      const variable = { name: "v", values, texts: values, isMulti, isVerbatim: false };
      const written = isMulti ? 'up{job=~"$v"}' : 'up{job="$v"}';
      const expr = interpolate(written, () => variable, promqlFormat);
      const { rule } = readBack(made({ query: { expr } }).yaml);
      if (rule.expr.kind !== "binary" || rule.expr.lhs.kind !== "vectorSelector") throw new Error(rule.query);
      const [matcher] = rule.expr.lhs.matchers.filter(({ name }) => name === "job");
      for (const one of values) expect(matcher!.matches(one), rule.query).toBe(true);
      expect(matcher!.matches(other), rule.query).toBe(values.includes(other));
    }),
    { numRuns: 500 },
  );
});

test("texts that ruleYaml() writes are read back unchanged", () => {
  const shown = anyText.filter(
    // oxlint-disable-next-line no-control-regex -- YAML does not allow these characters
    (text) =>
      !/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/.test(text) && text.isWellFormed(),
  );
  fc.assert(
    fc.property(shown, shown, (text, other) => {
      const annotations = new Map([
        ["a", text.replaceAll("{", "")],
        ["b", other.replaceAll("{{", "")],
      ]);
      const { rule } = readBack(
        ruleYaml(ruleContent({ group: "g", alert: "A", expr: "up", for: "", labels: new Map(), annotations })),
      );
      expect([...rule.annotations]).toEqual(
        [...annotations].map(([name, one]) => [name, one.trim()]).filter(([, one]) => one !== ""),
      );
    }),
    { numRuns: 1000 },
  );
});
