import { createServer } from "node:http";
import { expect, test } from "vitest";
import { onLoopback } from "../../support/loopback.ts";
import { freePort } from "../../support/ports.ts";
import { untilQuery } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

interface Family {
  type: string;
  /** Sets of label names of the samples of this metric family, without `le` and `quantile`. */
  readonly labels: Set<string>;
  /** Values of the label `dialer_name` in this metric family. */
  readonly dialers: Set<string>;
}

/** Metric families that Prometheus exposes about itself and our server lacks, each with the reason. */
const MISSING: Readonly<Record<string, string>> = {
  prometheus_target_scrape_pool_symboltable_items: "labels of a pool are not in a table of its own",
  prometheus_tsdb_out_of_order_wbl_fsync_duration_seconds: "both logs are brought to the disk at once",
};

/**
 * Metric families whose labels changed in a later version than the compared one. Our server has the labels of the later
 * version.
 */
const LATER: readonly string[] = [
  "prometheus_notifications_dropped_total",
  "prometheus_notifications_queue_length",
  "prometheus_sd_refresh_duration_seconds",
  "prometheus_sd_refresh_failures_total",
];

/**
 * Reports whether a metric describes the process or the Go runtime. Such metrics are not compared, because our server
 * runs on Node.
 */
const isOfRuntime = (name: string): boolean => /^(?:go|process)_/.test(name);

function familiesOf(page: string): ReadonlyMap<string, Family> {
  const families = new Map<string, Family>();
  let family: Family = { type: "", labels: new Set(), dialers: new Set() };
  for (const line of page.split("\n")) {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) families.set(name, (family = { type: type!, labels: new Set(), dialers: new Set() }));
    else if (line !== "" && !line.startsWith("#")) {
      const [, dialer] = /dialer_name="([^"]*)"/.exec(line) ?? [];
      if (dialer !== undefined) family.dialers.add(dialer);
      const names = [...line.matchAll(/[{,](\w+)="/g)].map(([, label]) => label!);
      family.labels.add(names.filter((label) => label !== "le" && label !== "quantile").join());
    }
  }
  return families;
}

const RULES = `
groups:
  - name: all
    rules:
      - {record: a, expr: up}
      - {alert: Up, expr: up == 1, labels: {value: '{{ $value }}'}}
`;

const configOf = (workplace: Workplace, port: number, sink: number): string => `
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
storage: {tsdb: {out_of_order_time_window: 10m}}
rule_files: ['${workplace.path("rules.yml")}']
alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:${sink}']}]}]}
remote_write: [{url: 'http://127.0.0.1:${sink}/write', name: sink}]
remote_read: [{url: 'http://127.0.0.1:${sink}/read', name: far}]
scrape_configs:
  - {job_name: self, static_configs: [{targets: ['127.0.0.1:${port}']}]}
  - {job_name: files, file_sd_configs: [{files: ['${workplace.path("targets.json")}']}]}
  - {job_name: web, http_sd_configs: [{url: 'http://127.0.0.1:${sink}/targets'}]}
  - {job_name: names, dns_sd_configs: [{names: [localhost], type: A, port: 1}]}
`;

test.skipIf(lacks("peers"))("the server's own metrics are equal to Prometheus' in name, type and labels", async () => {
  using workplace = new Workplace();
  await using sink = await onLoopback(
    createServer((request, response) => request.resume().on("end", () => response.end("[]"))),
  );
  workplace.write("rules.yml", RULES);
  workplace.write("targets.json", `[{"targets": ["127.0.0.1:${sink.port}"]}]`);
  const pageOf = async (kind: Kind): Promise<ReadonlyMap<string, Family>> => {
    await using server = await serve(kind, workplace, kind, {
      config: configOf(workplace, await freePort(), sink.port),
      flags: ["--web.enable-remote-write-receiver", "--enable-feature=exemplar-storage"],
    });
    // Waits until a rule has been evaluated and its alert was sent.
    await untilQuery(server.base, 'count(a{job="web"} or a{job="files"})', (result) => result.length > 0);
    await fetch(`${server.base}/api/v1/query?query=ALERTS`);
    return familiesOf(await (await fetch(`${server.base}/metrics`)).text());
  };
  const [theirs, ours] = await Promise.all([pageOf("prometheus"), pageOf("narthex")]);
  const missing = [...theirs.keys()].filter((name) => !isOfRuntime(name) && !ours.has(name));
  expect(missing.toSorted()).toEqual(Object.keys(MISSING).toSorted());
  for (const [name, { type, labels, dialers }] of theirs) {
    const own = ours.get(name);
    if (own === undefined || isOfRuntime(name)) continue;
    expect(own.type, name).toBe(type);
    expect([...own.dialers].toSorted(), name).toEqual([...dialers].toSorted());
    if (!LATER.includes(name)) expect([...own.labels], name).toEqual(expect.arrayContaining([...labels]));
  }
});
