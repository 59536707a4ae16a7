import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { api } from "../../support/query.ts";
import { launcher, Running } from "../../support/running.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const OWN = `version: narthex/v1
service: shop
labels: { team: web }
slos:
  - name: answers
    objective: 99
    sli: { events: { error_query: "sum(rate(bad_total[{{.window}}]))", total_query: "sum(rate(all_total[{{.window}}]))" } }
    alerting: { name: ShopAnswers, page_alert: { labels: { severity: critical } } }
  - name: speed
    objective: 95
    window: 2w
    sli: { latency: { histogram: 'time_seconds{job="a"}', threshold: 400ms, by: [path] } }
    alerting: { name: ShopSlow }
  - name: native
    objective: 95
    sli: { latency: { histogram: time_seconds, threshold: 1, native: true } }
`;
const SLOTH = `apiVersion: sloth.slok.dev/v1
kind: PrometheusServiceLevel
metadata: { name: cart, namespace: web }
spec:
  service: cart
  slos:
    - name: answers
      objective: 99.95
      sli: { raw: { errorRatioQuery: "1 - avg_over_time(good:ratio[{{.window}}])" } }
      alerting: { name: CartAnswers }
`;
const PYRRA = [
  `ratio: { errors: { metric: 'a_total{code=~"5.."}' }, total: { metric: a_total }, grouping: [path] }`,
  `latency: { success: { metric: 'b_bucket{le="1"}' }, total: { metric: b_count } }`,
  "latencyNative: { total: { metric: c }, latency: 200ms }",
  "bool_gauge: { metric: up }",
]
  .map(
    (indicator, at) => `apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: { name: pyrra-${at} }
spec: { target: "99.9", window: 4w, performanceOverAccuracy: ${at % 2 === 0}, indicator: { ${indicator} } }
`,
  )
  .join("---\n");
const OPENSLO = `apiVersion: openslo/v1
kind: SLO
metadata: { name: pay }
spec:
  service: bank
  timeWindow: [{ duration: 28d, isRolling: true }]
  budgetingMethod: Timeslices
  indicator: { spec: { ratioMetric: { counter: true, bad: { metricSource: { type: Prometheus, spec: { query: "sum(x_total)" } } }, total: { metricSource: { type: Prometheus, spec: { query: "sum(y_total)" } } } } } }
  objectives: [{ target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5m }]
`;

test.skipIf(lacks("peers"))("Prometheus' promtool accepts the rules of all formats", async () => {
  using workplace = new Workplace();
  const files = [OWN, SLOTH, PYRRA, OPENSLO].map((text, at) => workplace.write(`slo-${at}.yml`, text));
  const rules = workplace.path("rules.yml");
  await using generate = new Running(launcher, ["promtool", "slo", "generate", "-o", rules, ...files]);
  expect([await generate.ended, generate.output]).toEqual([{ code: 0, signal: null }, ""]);
  const { status, stdout, stderr } = spawnSync(join(peers, "promtool"), ["check", "rules", rules], {
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/SUCCESS: \d{2,} rules found/);
});

interface Answer {
  readonly objectives: readonly {
    readonly id: string;
    readonly objective: number;
    readonly series: readonly { readonly budgetRemaining: number; readonly burnRates: readonly object[] }[];
    readonly alerts: readonly { readonly state: string; readonly labels: Readonly<Record<string, string>> }[];
  }[];
  readonly total: number;
}

/** An objective that spends its budget, from series that the server records itself. */
const FAILING = `version: narthex/v1
service: shop
slos:
  - name: answers
    objective: 90
    sli: { raw: { error_ratio_query: "vector(0.2) + 0 * count_over_time(vector(1)[{{.window}}:1m])" } }
    alerting: { name: ShopAnswers }
`;

test("the server evaluates objectives, shows their budgets and alerts, and keeps them if a changed file is broken", async () => {
  using workplace = new Workplace();
  const file = workplace.write("slo.yml", FAILING.replace("objective: 90", "objective: 99"));
  const config = "global: { evaluation_interval: 1s }";
  const flags = [`--rules.slo-files=${workplace.path("sl*.yml")}`, "--web.enable-lifecycle"];
  await using server = await serve("narthex", workplace, "data", { config, flags });
  const { base } = server;
  const slos = (params: Readonly<Record<string, string>> = {}) => api<Answer>(base, "narthex/slos", params);
  await eventually("the alerts fire", async () => {
    const [objective] = (await slos()).objectives;
    expect(objective!.alerts.map(({ labels }) => labels["sloth_severity"]).sort()).toEqual(["page", "ticket"]);
  });
  const { total, objectives } = await slos({ id: "shop-answers" });
  expect([total, objectives[0]!.objective]).toEqual([1, 0.99]);
  await expect(slos({ id: "none" })).rejects.toThrow('there is no objective "none"');
  writeFileSync(file, FAILING.replace("objective: 90", "objective: 900"));
  const refused = await fetch(`${base}/-/reload`, { method: "POST" });
  expect([refused.status, await refused.text()]).toEqual([
    500,
    expect.stringContaining(`${file}:5:16: the objective 900 is not a percentage; write more than 0 and at most 100`),
  ]);
  expect((await slos()).objectives[0]!.objective).toBe(0.99);
  writeFileSync(file, FAILING);
  expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
  expect((await slos()).objectives[0]!.objective).toBe(0.9);
  const { groups } = await api<{ groups: readonly { readonly name: string; readonly file: string }[] }>(base, "rules");
  expect(groups.map((group) => group.file)).toEqual([file, file, file, file]);
});

test("a broken file prevents the start, with its place", async () => {
  using workplace = new Workplace();
  const file = workplace.write("slo.yml", FAILING.replace("objective: 90", "objective: 900"));
  await using running = new Running(launcher, [
    "server",
    `--config.file=${workplace.write("prometheus.yml", "")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    "--web.listen-address=127.0.0.1:0",
    `--rules.slo-files=${file}`,
  ]);
  expect((await running.ended).code).toBe(1);
  expect(running.output).toContain(`${file}:5:16: the objective 900 is not a percentage`);
});
