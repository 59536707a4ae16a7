import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api, instant, untilQuery } from "../../support/query.ts";
import { lacks, peers, python } from "../../support/requirements.ts";
import { narthex, Running } from "../../support/running.ts";
import { freePort, freePortOffset } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const BACKEND = `
import random, sys, time
from prometheus_client import Counter, Gauge, Histogram, start_http_server
requests = Counter('requests_total', 'Total requests', ['method'])
cpu = Gauge('cpu_usage', 'CPU in use')
latency = Histogram('response_time', 'Response time', buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10))
start_http_server(int(sys.argv[1]))
print('serving', flush=True)
while True:
    requests.labels('GET').inc()
    cpu.set(42.5)
    latency.observe(random.random())
    time.sleep(0.05)
`;

test.skipIf(lacks("python clients"))(
  "story A: a Python service with prometheus_client is scraped by its prometheus.yml, and its values are as predicted",
  async () => {
    using workplace = new Workplace();
    const [port, backend] = await Promise.all([freePort(), freePort()]);
    const base = `http://127.0.0.1:${port}`;
    workplace.write("backend.py", BACKEND);
    workplace.write(
      "prometheus.yml",
      `global:\n  scrape_interval: 10s\n  scrape_timeout: 5s\n  evaluation_interval: 10s\nscrape_configs:\n  - job_name: 'backend-service'\n    metrics_path: /metrics\n    static_configs:\n      - targets: ['localhost:${backend}']\n`,
    );
    await using _service = new Running(python, [workplace.path("backend.py"), String(backend)]);
    await using server = narthex([
      "server",
      `--config.file=${workplace.path("prometheus.yml")}`,
      `--storage.tsdb.path=${workplace.path("data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await server.ready(`${base}/-/ready`);

    await untilQuery(base, "rate(requests_total[1m]) > 0", (result) => result.length === 1);
    expect((await untilQuery(base, "cpu_usage", (result) => result.length === 1))[0]!.metric).toMatchObject({
      job: "backend-service",
      instance: `localhost:${backend}`,
    });
    expect(await instant(base, "requests_created")).toHaveLength(1);
    expect((await instant(base, "response_time_bucket")).map(({ metric }) => metric["le"]).sort()).toEqual([
      "+Inf",
      "0.1",
      "0.2",
      "0.5",
      "1.0",
      "10.0",
      "2.0",
      "5.0",
    ]);
    expect(
      Number(
        (
          await untilQuery(
            base,
            "histogram_quantile(0.95, rate(response_time_bucket[1m]))",
            (result) => result.length === 1 && result[0]!.value[1] !== "NaN",
          )
        )[0]!.value[1],
      ),
    ).toBeGreaterThan(0.1);
    await untilQuery(base, "predict_linear(requests_total[1m], 3600) > 1000", (result) => result.length === 1);
    await untilQuery(
      base,
      "rate(response_time_sum[1m]) / rate(response_time_count[1m])",
      (result) => result.length === 1,
    );
    const metadata = await api<Record<string, readonly { type: string; help: string }[]>>(base, "metadata", {
      metric: "response_time",
    });
    expect(metadata["response_time"]![0]).toMatchObject({ type: "histogram", help: "Response time" });
    const page = await fetch(base);
    expect(page.headers.get("content-type")).toContain("text/html");
    expect(new URL(page.url).pathname).toBe("/query");
  },
);

const DJANGO = `
import sys
from django.conf import settings
from django.http import HttpResponse
from django.urls import include, path
settings.configure(
    DEBUG=True, SECRET_KEY='x', ROOT_URLCONF=__name__, ALLOWED_HOSTS=['*'], INSTALLED_APPS=['django_prometheus'],
    MIDDLEWARE=['django_prometheus.middleware.PrometheusBeforeMiddleware', 'django_prometheus.middleware.PrometheusAfterMiddleware'],
)
urlpatterns = [path('hello', lambda request: HttpResponse('hello')), path('', include('django_prometheus.urls'))]
from django.core.management import execute_from_command_line
execute_from_command_line(['app.py', 'runserver', '--noreload', '127.0.0.1:' + sys.argv[1]])
`;

test.skipIf(lacks("python clients"))("story B3: a Django app with django_prometheus is scraped", async () => {
  using workplace = new Workplace();
  const [port, app] = await Promise.all([freePort(), freePort()]);
  const base = `http://127.0.0.1:${port}`;
  workplace.write("app.py", DJANGO);
  workplace.write(
    "prometheus.yml",
    `scrape_configs:\n  - job_name: django\n    scrape_interval: 1s\n    scrape_timeout: 1s\n    static_configs: [{targets: ['localhost:${app}']}]\n`,
  );
  await using django = new Running(python, [workplace.path("app.py"), String(app)]);
  await django.ready(`http://127.0.0.1:${app}/hello`);
  await using server = narthex([
    "server",
    `--config.file=${workplace.path("prometheus.yml")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await server.ready(`${base}/-/ready`);
  const requests = await untilQuery(
    base,
    "django_http_requests_total_by_method_total{method='GET'} > 0",
    (result) => result.length === 1,
  );
  expect(requests[0]!.metric["job"]).toBe("django");
  await untilQuery(
    base,
    "sum(rate(django_http_requests_latency_seconds_by_view_method_bucket[1m])) by (le)",
    (result) => result.length > 0,
  );
});

test.skipIf(lacks("peers"))(
  "the real Prometheus scrapes all four roles without an error, and promtool check metrics finds nothing new",
  async () => {
    using workplace = new Workplace();
    const offset = await freePortOffset();
    await using up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`]);
    await eventually("the stack is ready", async () => {
      if (!up.stdout.includes("Ready.")) throw new Error(up.output);
    });
    const ports = {
      prometheus: 9090 + offset,
      pushgateway: 9091 + offset,
      alertmanager: 9093 + offset,
      node: 9100 + offset,
    };
    const jobs = Object.entries(ports).map(
      ([job, port]) => `- job_name: ${job}\n  static_configs: [{targets: ['127.0.0.1:${port}']}]\n`,
    );
    workplace.write("peer.yml", `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n${jobs.join("")}`);
    const port = await freePort();
    await using peer = new Running(join(peers, "prometheus"), [
      `--config.file=${workplace.path("peer.yml")}`,
      `--storage.tsdb.path=${workplace.path("peer")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    await peer.ready(`http://127.0.0.1:${port}/-/ready`);
    await untilQuery(`http://127.0.0.1:${port}`, "up == 1", (result) => result.length === 4);
    const { activeTargets } = await api<{ activeTargets: readonly { lastError: string }[] }>(
      `http://127.0.0.1:${port}`,
      "targets",
    );
    expect(activeTargets.map(({ lastError }) => lastError)).toEqual(["", "", "", ""]);

    const theirs = await peerFindings(workplace);
    for (const [role, rolePort] of Object.entries(ports)) {
      const ours = lint(await (await fetch(`http://127.0.0.1:${rolePort}/metrics`)).text());
      expect(
        ours.filter((finding) => !theirs[role]!.includes(finding)),
        `findings in ${role}`,
      ).toEqual([]);
    }
  },
);

const lint = (metrics: string): string[] =>
  spawnSync(join(peers, "promtool"), ["check", "metrics"], { input: metrics, encoding: "utf8" })
    .stderr.split("\n")
    .filter((line) => line !== "");

/** Resolves with the problems that `promtool check metrics` finds in the /metrics of the original programs. */
async function peerFindings(workplace: Workplace): Promise<Record<string, readonly string[]>> {
  workplace.write("alertmanager.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n");
  const programs: Record<string, readonly string[]> = {
    prometheus: [
      "prometheus",
      `--config.file=${workplace.path("peer.yml")}`,
      `--storage.tsdb.path=${workplace.path("lint")}`,
    ],
    pushgateway: ["prometheus-pushgateway"],
    alertmanager: [
      "prometheus-alertmanager",
      `--config.file=${workplace.path("alertmanager.yml")}`,
      `--storage.path=${workplace.path("lint-am")}`,
      "--cluster.listen-address=",
    ],
    node: ["prometheus-node-exporter"],
  };
  const findings: Record<string, readonly string[]> = {};
  for (const [role, [program, ...args]] of Object.entries(programs)) {
    const port = await freePort();
    await using peer = new Running(join(peers, program!), [...args, `--web.listen-address=127.0.0.1:${port}`]);
    await peer.ready(`http://127.0.0.1:${port}/metrics`);
    findings[role] = lint(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
  }
  return findings;
}

test("bin/narthex promtool check metrics reads what a role prints", async () => {
  const port = await freePort();
  await using exporter = narthex(["node-exporter", `--web.listen-address=127.0.0.1:${port}`]);
  await exporter.ready(`http://127.0.0.1:${port}/metrics`);
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const out = execFileSync("sh", ["-c", `"$0" promtool check metrics || true`, narthexPath()], {
    input: metrics,
    encoding: "utf8",
  });
  expect(out).toBe("");
});

const narthexPath = (): string => new URL("../../../../bin/narthex", import.meta.url).pathname;
