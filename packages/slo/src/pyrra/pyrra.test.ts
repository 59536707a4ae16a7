import { expect, test } from "vitest";
import { levelsOf, problemsOf } from "../testing/slo-text.ts";

const object = (indicator: string, rest = ""): string => `apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: shop
  namespace: web
  creationTimestamp: null
  labels: { pyrra.dev/team: web, app: shop }
  annotations: { pyrra.dev/runbook: http://runbook }
spec:
  target: "99.5"
  window: 4w
  indicator:
    ${indicator}
${rest}`;

const ratio = `ratio: { errors: { metric: 'hits_total{job="a",code=~"5.."}' }, total: { metric: 'hits_total{job="a"}' }, grouping: [path] }`;

test("a ratio becomes burn rates, the increase over the window and alerts, with Pyrra's names", async () => {
  const [level] = await levelsOf(object(ratio));
  const [counts, rates] = level!.groups;
  expect([counts!.name, counts!.intervalMs, rates!.name, rates!.intervalMs]).toEqual([
    "shop-increase",
    150_000,
    "shop",
    30_000,
  ]);
  const labels = new Map([
    ["slo", "shop"],
    ["team", "web"],
    ["job", "a"],
  ]);
  expect(counts!.rules[0]).toEqual({
    record: "hits:increase4w",
    expr: 'sum by (code, path) (increase(hits_total{job="a"}[4w]))',
    labels,
  });
  expect(counts!.rules[1]).toMatchObject({
    alert: "SLOMetricAbsent",
    expr: 'absent(hits_total{job="a"}) == 1',
    forMs: 360_000,
  });
  expect(rates!.rules[0]).toEqual({
    record: "hits:burnrate5m",
    expr: 'sum by (path) (rate(hits_total{code=~"5..",job="a"}[5m])) / sum by (path) (rate(hits_total{job="a"}[5m]))',
    labels,
  });
  const [alert] = rates!.rules.filter(({ alert: name }) => name !== undefined);
  expect(alert).toMatchObject({
    alert: "ErrorBudgetBurn",
    expr: 'hits:burnrate5m{job="a",slo="shop"} > (14 * (1-0.995)) and hits:burnrate1h{job="a",slo="shop"} > (14 * (1-0.995))',
    forMs: 120_000,
    annotations: new Map([["runbook", "http://runbook"]]),
  });
  expect(Object.fromEntries(alert!.labels)).toEqual({
    slo: "shop",
    team: "web",
    job: "a",
    short: "5m",
    long: "1h",
    severity: "critical",
    exhaustion: "2d",
  });
  expect(level!.burnRates.map(({ factor, longMs }) => [factor, longMs / 3_600_000])).toEqual([
    [14, 1],
    [7, 6],
    [2, 24],
    [1, 96],
  ]);
});

test.each([
  [
    `latency: { success: { metric: 'h_bucket{le="1"}' }, total: { metric: h_count } }`,
    '(sum(rate(h_count[5m])) - sum(rate(h_bucket{le=~"1(\\\\.0)?"}[5m]))) / sum(rate(h_count[5m]))',
    ["h:increase4w", "h:increase4w"],
  ],
  [
    "latencyNative: { total: { metric: h }, latency: 200ms }",
    "1 - histogram_fraction(0, 0.2, sum(rate(h[5m])))",
    ["h:increase4w", "h:increase4w"],
  ],
  [
    "bool_gauge: { metric: 'up{job=\"a\"}' }",
    '(sum(count_over_time(up{job="a"}[5m])) - sum(sum_over_time(up{job="a"}[5m]))) / sum(count_over_time(up{job="a"}[5m]))',
    ["up:count4w", "up:sum4w"],
  ],
])("%s", async (indicator, rate, counted) => {
  const [level] = await levelsOf(object(indicator));
  const [counts, rates] = level!.groups;
  expect(rates!.rules[0]!.expr).toBe(rate);
  expect(counts!.rules.flatMap(({ record }) => record ?? [])).toEqual(counted);
  expect(level!.queries.errorRatio).toContain('slo="shop"');
});

test("performanceOverAccuracy sums recorded increases, and alerting can be renamed, changed and switched off", async () => {
  const rest = `  performanceOverAccuracy: true
  alerting: { name: Burns, absent: false, severities: { fastBurn: page, longTermBurn: info } }
`;
  const [level] = await levelsOf(object(ratio, rest));
  const [counts, rates] = level!.groups;
  expect(counts!.rules.map(({ record, expr }) => [record, expr])).toEqual([
    ["hits:increase5m", 'sum by (code, path) (increase(hits_total{job="a"}[5m]))'],
    ["hits:increase4w", 'sum by (code, path) (sum_over_time(hits:increase5m{job="a"}[4w:5m]))'],
  ]);
  const alerts = rates!.rules.filter(({ alert }) => alert === "Burns");
  expect(alerts.map(({ labels }) => labels.get("severity"))).toEqual(["page", "critical", "warning", "info"]);
  const [silent] = await levelsOf(object(ratio, "  alerting: { disabled: true, absent: false }\n"));
  expect(silent!.groups.flatMap(({ rules }) => rules).some(({ alert }) => alert !== undefined)).toBe(false);
});

test.each([
  [
    `ratio: { errors: { metric: 'rate(a[5m])' }, total: { metric: b } }`,
    "field metric: the metric is not a selector; write a selector",
  ],
  [
    `latency: { success: { metric: a_bucket }, total: { metric: a_count } }`,
    "success has no matcher for the label le with a number",
  ],
  ["latencyNative: { total: { metric: a } }", "total and latency are required"],
  ["{}", "the objective needs exactly one indicator"],
])("%s is refused", async (indicator, message) => {
  expect((await problemsOf(object(indicator))).join("\n")).toContain(message);
});
