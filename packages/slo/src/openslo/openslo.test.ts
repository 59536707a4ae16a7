import { expect, test } from "vitest";
import { levelsOf, problemsOf, rulesOf } from "../testing/slo-text.ts";

const metric = (query: string): string => `{ metricSource: { type: Prometheus, spec: { query: '${query}' } } }`;

const slo = (indicator: string, objective: string, rest = ""): string => `apiVersion: openslo/v1
kind: SLO
metadata: { name: answers, displayName: Answers }
spec:
  service: shop
  timeWindow: [{ duration: 4w, isRolling: true }]
  budgetingMethod: Occurrences
  indicator: { metadata: { name: x }, spec: { ${indicator} } }
  objectives: [${objective}]
${rest}`;

const expressions = async (text: string): Promise<readonly string[]> =>
  (await levelsOf(text)).map(({ groups }) => rulesOf(groups, "sli")[0]!.expr.replaceAll(/\s+/g, " "));

const ratio = `ratioMetric: { counter: true, good: ${metric('sum(hits_total{code="200"})')}, total: ${metric("sum(hits_total)")} }`;

test("counters get a rate over the window, and each objective becomes one", async () => {
  const [level] = await levelsOf(slo(ratio, "{ target: 0.99 }"));
  expect([level!.id, level!.objective, level!.windowMs / 86_400_000]).toEqual(["shop-answers", 0.99, 28]);
  expect(await expressions(slo(ratio, "{ target: 0.99 }, { targetPercent: 99.9 }"))).toEqual(
    Array.from(
      { length: 2 },
      () =>
        '( (sum(rate(hits_total[5m]))) - ( (sum(rate(hits_total{code="200"}[5m]))) or 0 * (sum(rate(hits_total[5m]))) ) ) / ( (sum(rate(hits_total[5m]))) > 0 ) ',
    ),
  );
});

test.each([
  [
    `ratioMetric: { bad: ${metric("bad")}, total: ${metric("all")} }`,
    "{ target: 0.9 }",
    "( (sum_over_time((bad)[5m:1m])) or 0 * (sum_over_time((all)[5m:1m])) ) / ( (sum_over_time((all)[5m:1m])) > 0 ) ",
  ],
  [
    `ratioMetric: { rawType: success, raw: ${metric("good:ratio")} }`,
    "{ target: 0.9 }",
    "(1 - (avg_over_time((good:ratio)[5m:1m])))",
  ],
  [
    `thresholdMetric: ${metric("latency:p99")}`,
    "{ target: 0.9, op: lte, value: 0.4 }",
    "(1 - avg_over_time((((latency:p99) <= bool 0.4))[5m:1m]))",
  ],
])("%s", async (indicator, objective, expected) => {
  expect(await expressions(slo(indicator, objective))).toEqual([expected]);
});

test("slices of time are counted with their target", async () => {
  const sliced = slo(ratio, "{ target: 0.9, timeSliceTarget: 0.95, timeSliceWindow: 2m }").replace(
    "Occurrences",
    "Timeslices",
  );
  const [expr] = await expressions(sliced);
  expect(expr).toMatch(/^\(1 - avg_over_time\(\(\(1 - \(.*hits_total\[2m\].*\)\) >= bool 0\.95\)\[5m:2m\]\)\)$/);
  const [average] = await expressions(sliced.replace("Timeslices", "RatioTimeslices"));
  expect(average).not.toContain("bool");
});

test("indicators, policies and conditions may be objects of their own, and become alerts", async () => {
  const objects = `---
apiVersion: openslo/v1
kind: SLI
metadata: { name: hits }
spec: { ${ratio} }
---
apiVersion: openslo/v1
kind: AlertPolicy
metadata: { name: ShopBurns }
spec: { description: fast, alertWhenBreaching: true, conditions: [{ conditionRef: quick }], notificationTargets: [{ targetRef: x }] }
---
apiVersion: openslo/v1
kind: AlertCondition
metadata: { name: quick }
spec: { severity: page, condition: { kind: burnrate, op: gte, threshold: 2, lookbackWindow: 45m, alertAfter: 5m } }
---
apiVersion: openslo/v1
kind: Service
metadata: { name: shop }
spec: {}
`;
  const text = slo(ratio, "{ target: 0.75 }", "  alertPolicies: [{ alertPolicyRef: ShopBurns }]\n").replace(
    /indicator: .*/,
    "indicatorRef: hits",
  );
  const [level] = await levelsOf(text + objects);
  expect(rulesOf(level!.groups, "alerts")).toMatchObject([
    {
      alert: "ShopBurns",
      expr: 'max(slo:sli_error:ratio_rate45m{sloth_id="shop-answers", sloth_service="shop", sloth_slo="answers"} >= (2 * 0.25)) without (sloth_window)',
      forMs: 300_000,
    },
  ]);
  expect(level!.queries.windows.map(({ windowMs }) => windowMs / 60_000)).toContain(45);
  expect(await problemsOf(text)).toEqual([
    'slo.yml:8:17: there is no SLI named "hits"; add the object to the files, or write it here',
    'slo.yml:10:37: there is no AlertPolicy named "ShopBurns"; add the object to the files, or write it here',
  ]);
});

test.each([
  ["duration: 4w, isRolling: true", "duration: 1M, calendar: {}", "windows of the calendar are not supported"],
  ["type: Prometheus", "type: Datadog", 'the metric source "Datadog" is not Prometheus'],
  ["target: 0.99", "target: 99", "the objective 9900 is not a percentage"],
  ["target: 0.99", "target: 0.9, compositeWeight: 2", "weights of composite objectives are not supported"],
  ["Occurrences", "Guesses", 'unknown budgetingMethod "Guesses"'],
])("%s as %s is refused", async (before, after, message) => {
  expect((await problemsOf(slo(ratio, "{ target: 0.99 }").replace(before, after))).join("\n")).toContain(message);
});

test("the older format, which Sloth reads, gives Sloth's rules without alerts", async () => {
  const query = (text: string): string => `{ source: prometheus, queryType: promql, query: '${text}' }`;
  const [level] = await levelsOf(`apiVersion: openslo/v1alpha
kind: SLO
metadata: { name: answers }
spec:
  service: shop
  budgetingMethod: Occurrences
  timeWindows: [{ count: 30, unit: Day }]
  objectives:
    - ratioMetrics: { good: ${query("sum(rate(good[{{.window}}]))")}, total: ${query("sum(rate(all[{{.window}}]))")} }
      target: 0.999
`);
  expect([level!.id, level!.groups.length]).toEqual(["shop-answers-0", 2]);
  expect(rulesOf(level!.groups, "sli")[0]!.expr.replaceAll(/\s+/g, " ")).toBe(
    "( 1 - ( ( sum(rate(good[5m])) ) / ( sum(rate(all[5m])) ) ) )",
  );
});
