import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api, instant } from "../../support/query.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";
import { AlertSink } from "./alert-sink.ts";

const RESULTS = 100_000;
const OTHERS = 10;
const INTERVAL_MS = 5000;
/** Evaluations of the other groups that the test waits for. */
const EVALUATIONS = 4;

const RULES = `groups:
- name: many
  interval: 1s
  rules:
  - {alert: Many, expr: many, annotations: {text: '{{ $labels.i }} is {{ $value }}'}}
- name: slow
  interval: 1s
  rules:
  - {record: slow, expr: 'sum(max_over_time(many[1m:1s]))'}
- name: recursion
  interval: 1s
  rules:
  - alert: Recursion
    expr: vector(1)
    annotations: {text: '{{ define "again" }}{{ template "again" . }}{{ end }}{{ template "again" . }}'}
${Array.from({ length: OTHERS }, (_, i) => `- {name: other${i}, interval: ${INTERVAL_MS}ms, rules: [{record: other${i}, expr: time()}]}`).join("\n")}
`;

test("slow groups, many results and a template that calls itself do not delay other groups and queries", async () => {
  using workplace = new Workplace();
  await using sink = await AlertSink.open();
  const config = JSON.stringify({
    rule_files: [workplace.write("rules.yml", RULES)],
    alerting: sink.alerting,
  });
  await using server = await serve("narthex", workplace, "data", {
    config,
    flags: ["--web.enable-remote-write-receiver"],
  });
  const now = Date.now();
  const series = Array.from({ length: RESULTS }, (_, i) => ({
    labels: Labels.of({ __name__: "many", i: String(i) }),
    timestamps: [now, now + 290_000],
    values: Float64Array.of(i, i),
    histograms: [],
  }));
  await remoteWrite(server.base, series);
  await eventually("all results became alerts", async () => {
    const [firing] = await instant(server.base, 'count(ALERTS{alertname="Many",alertstate="firing"})');
    expect(Number(firing?.value[1])).toBe(RESULTS);
  });
  const evaluations = await eventually("the other groups were evaluated", async () => {
    const { result } = await api<{ readonly result: readonly { readonly values: readonly [number, string][] }[] }>(
      server.base,
      "query",
      { query: '{__name__=~"other.*"}[30m]' },
    );
    expect(result.filter(({ values }) => values.length > EVALUATIONS)).toHaveLength(OTHERS);
    return result.map(({ values }) => values.map(([time]) => time));
  });
  // Each evaluation is at a multiple of the interval. On a machine without enough processor time a group misses some of
  // them, but fewer than the slow group.
  for (const times of evaluations) {
    const steps = times.map((time) => Math.round(((time - times[0]!) * 1000) / INTERVAL_MS));
    expect(times).toEqual(steps.map((step) => Number((times[0]! + (step * INTERVAL_MS) / 1000).toFixed(3))));
  }
  const missed = await missedIterations(server.base);
  const ofMany = missed.get("many")!;
  expect(ofMany).toBeGreaterThan(0);
  expect([...missed].filter(([group, count]) => group.startsWith("other") && count >= ofMany)).toEqual([]);
  const recursion = await eventually("the alert whose template fails is sent", async () => {
    const found = sink.alerts.find(({ labels }) => labels["alertname"] === "Recursion");
    if (found === undefined) throw new Error("none");
    return found;
  });
  expect(recursion.annotations["text"]).toContain("exceeded maximum template depth");
});

/** Returns the number of missed evaluations of each group. */
async function missedIterations(base: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const line = /^prometheus_rule_group_iterations_missed_total\{rule_group="[^"]*;([^"]*)"\} (\d+)$/gm;
  return new Map([...text.matchAll(line)].map(([, group, count]) => [group!, Number(count)]));
}
