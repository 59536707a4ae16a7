import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { narthex, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const absent = lacks("peers");
const cleanups: (() => Promise<unknown> | void)[] = [];
const servers: { base: string; port: number }[] = [];
const POOLS = 18;

const EXPOSITION = `# HELP requests_total Requests "served".
# TYPE requests_total counter
requests_total 1
# HELP latency_seconds Latency.
# TYPE latency_seconds histogram
latency_seconds_bucket{le="+Inf"} 1
latency_seconds_sum 1
latency_seconds_count 1
# TYPE alone gauge
# HELP other A help without a type.
other 2
`;

const OPEN_METRICS = `# TYPE size_bytes gauge
# UNIT size_bytes bytes
# HELP size_bytes How large.
size_bytes 1
# EOF
`;

/**
 * Configuration with every valid and invalid way to define a target. PORT is the test target's port, OWN the server's
 * port.
 */
const config = (port: number, own: number): string => `
global: {scrape_interval: 1s, scrape_timeout: 900ms, external_labels: {region: here}}
scrape_configs:
- job_name: plain
  static_configs: [{targets: ['127.0.0.1:${port}', 'localhost:${port}']}]
- job_name: self
  metrics_path: /prefix/not-there
  static_configs: [{targets: ['localhost:${own}', '127.0.0.1:${own}'], labels: {group: own}}]
- job_name: addresses
  scrape_interval: 500h
  static_configs: [{targets: ['[::1]:${port}', '[::1]', localhost, example.com, '::1:9100', '[::1', 'a b:80', 'ü:80', 'a]:1', '[::1]x']}]
- job_name: parameters
  params: {module: [http_2xx, second], empty: [], 'm[]': ['a{b="c d"}', 'é&=']}
  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {__param_module: other, __param_more: x}}]
- job_name: from-file
  file_sd_configs: [{files: ['targets/*.json', 'targets/*.yml']}]
- job_name: from-http
  http_sd_configs: [{url: 'http://127.0.0.1:${port}/sd'}]
- job_name: secure
  scheme: https
  basic_auth: {username: u, password: secret}
  tls_config: {insecure_skip_verify: true}
  static_configs: [{targets: ['127.0.0.1:${port}']}]
- job_name: scheme-by-label
  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {__scheme__: https, __metrics_path__: 'no/slash ?x'}}]
- job_name: times-by-label
  static_configs:
  - {targets: ['127.0.0.1:${port}'], labels: {__scrape_interval__: 2000ms, __scrape_timeout__: 1s}}
  - {targets: ['127.0.0.1:1'], labels: {__scrape_interval__: 1x}}
  - {targets: ['127.0.0.1:2'], labels: {__scrape_timeout__: 2s}}
- job_name: dropped
  static_configs: [{targets: ['a:1', 'b:1', 'c:1', '127.0.0.1:${port}']}]
  relabel_configs: [{source_labels: [__address__], regex: '[abc]:1', action: drop}]
- job_name: dropped-few-kept
  keep_dropped_targets: 2
  static_configs: [{targets: ['a:1', 'b:1', 'c:1', '127.0.0.1:${port}']}]
  relabel_configs: [{source_labels: [__address__], regex: '127.*', action: keep}]
- job_name: all-dropped
  static_configs: [{targets: ['a:1']}]
  relabel_configs: [{action: drop}]
- job_name: twice
  static_configs: [{targets: ['127.0.0.1:${port}', '127.0.0.1:${port}']}, {targets: ['127.0.0.1:${port}']}]
- job_name: over-limit
  target_limit: 1
  static_configs: [{targets: ['127.0.0.1:${port}', 'localhost:${port}']}]
- job_name: made-invalid
  static_configs: [{targets: ['a:1', 'b:1', 'c:1', 'd:1', '127.0.0.1:3']}]
  relabel_configs:
  - {source_labels: [__address__], regex: 'a:1', target_label: __address__, replacement: ''}
  - {source_labels: [__address__], regex: 'b:1', target_label: __address__, replacement: 'http://b/x'}
  - {source_labels: [__address__], regex: 'c:1', target_label: __scrape_interval__, replacement: '0s'}
  - {source_labels: [__address__], regex: 'd:1', target_label: __scrape_timeout__, replacement: 5s}
- job_name: renamed
  static_configs: [{targets: ['127.0.0.1:${port}'], labels: {__meta_zone: z1, 'utf.8': 'größe', empty: ''}}]
  relabel_configs:
  - {source_labels: [__meta_zone], target_label: zone}
  - {target_label: job, replacement: other-job}
  - {target_label: instance, replacement: named}
  - {regex: '__meta_(.+)', action: labelmap, replacement: 'meta_$1'}
- job_name: "odd \\"name\\" ü"
  honor_labels: true
  static_configs: [{targets: ['127.0.0.1:${port}']}]
- job_name: no-targets
`;

const FILES: Readonly<Record<string, string>> = {
  "a.json": `[{"targets": ["PORT", "127.0.0.1:2"], "labels": {"from": "json", "job": "own-job"}}, {"targets": []}]`,
  "b.yml": `- targets: [PORT]\n  labels: {from: yaml, __meta_x: y}\n`,
  "broken.json": `[{"targets":`,
};

/** Scrape pools whose targets are discovered some time after the start. */
const DISCOVERED = ["from-file", "from-http"];

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  const target = createServer((request, response) => {
    if (request.url === "/sd") {
      const groups = [{ targets: [`127.0.0.1:${port}`, "127.0.0.1:1"], labels: { from: "http" } }];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(groups));
    } else if (request.url!.includes("module=other")) {
      response.writeHead(200, { "content-type": "application/openmetrics-text; version=1.0.0" }).end(OPEN_METRICS);
    } else response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(EXPOSITION);
  });
  // Listens on IPv4 and IPv6, if the machine has both.
  await new Promise<void>((resolve) => target.listen(0, resolve));
  const { port } = target.address() as AddressInfo;
  cleanups.push(
    () => workplace[Symbol.dispose](),
    () => target.closeAllConnections(),
    () => void target.close(),
  );
  for (const [name, text] of Object.entries(FILES)) {
    workplace.write(
      `targets/${name}`,
      text.replace("PORT", name.endsWith("yml") ? `'127.0.0.1:${port}'` : `127.0.0.1:${port}`),
    );
  }
  for (const kind of ["ours", "theirs"]) {
    const own = await freePort();
    const flags = [
      `--config.file=${workplace.write(`${kind}.yml`, config(port, own))}`,
      `--storage.tsdb.path=${workplace.path(kind)}`,
      `--web.listen-address=127.0.0.1:${own}`,
      "--web.external-url=https://prom.example:8443/prefix",
    ];
    const server = kind === "ours" ? narthex(["server", ...flags]) : new Running(join(peers, "prometheus"), flags);
    cleanups.unshift(() => server[Symbol.asyncDispose]());
    servers.push({ base: `http://127.0.0.1:${own}/prefix`, port: own });
  }
  for (const { base } of servers) {
    await eventually("all targets are there and scraped", async () => {
      const { activeTargets, droppedTargetCounts } = await targets(base, "targets");
      if (Object.keys(droppedTargetCounts ?? {}).length < POOLS) throw new Error("not all pools");
      const waiting = activeTargets.filter(
        ({ health, scrapePool }) => health === "unknown" && scrapePool !== "addresses",
      );
      const missing = DISCOVERED.filter((pool) => !activeTargets.some(({ scrapePool }) => scrapePool === pool));
      if (missing.length + waiting.length > 0)
        throw new Error(`not all scraped: ${JSON.stringify({ missing, waiting })}`);
    });
  }
});

afterAll(async () => {
  for (const cleanup of cleanups) await cleanup();
});

interface Target {
  readonly scrapePool: string;
  readonly discoveredLabels: Record<string, string>;
  readonly health: string;
  readonly [field: string]: unknown;
}

interface Targets {
  readonly activeTargets: readonly Target[];
  readonly droppedTargets: readonly Target[];
  readonly droppedTargetCounts: Readonly<Record<string, number>> | null;
}

/** Labels with settings of the scrape job, which Narthex adds to each target and Prometheus 3.5 does not. */
const LATER_LABELS = [
  "__always_scrape_classic_histograms__",
  "__convert_classic_histograms_to_nhcb__",
  "__scrape_native_histograms__",
];

interface Answer {
  readonly status: string;
  readonly data?: unknown;
  readonly error?: string;
}

/** Sends an API request. Resolves with the response, in which a fixed text replaces the server's port. */
async function get(base: string, path: string): Promise<Answer> {
  const response = await fetch(`${base}/api/v1/${path}`);
  const { port } = servers.find((server) => server.base === base)!;
  return JSON.parse((await response.text()).replaceAll(`:${port}`, ":OWN")) as Answer;
}

const targets = async (base: string, path: string): Promise<Targets> => (await get(base, path)).data as Targets;

/** Sorts the targets of a scrape pool, whose order is undefined. */
const sorted = (list: readonly unknown[]): unknown[] =>
  list.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

function shown({ activeTargets, droppedTargets, droppedTargetCounts }: Targets): unknown {
  const bare = ({ discoveredLabels, lastScrape, lastScrapeDuration, ...rest }: Target): unknown => ({
    ...rest,
    lastScrape: typeof lastScrape,
    lastScrapeDuration: typeof lastScrapeDuration,
    discoveredLabels: Object.fromEntries(
      Object.entries(discoveredLabels).filter(([name]) => !LATER_LABELS.includes(name)),
    ),
  });
  return {
    pools: [...new Set(activeTargets.map(({ scrapePool }) => scrapePool))],
    active: sorted(activeTargets.map(bare)),
    dropped: sorted(droppedTargets.map(bare)),
    droppedTargetCounts,
  };
}

const VIEWS = [
  "targets",
  "targets?state=active",
  "targets?state=ACTIVE",
  "targets?state=dropped",
  "targets?state=Any&scrapePool=dropped",
  "targets?scrapePool=nope",
  "targets?state=none",
  "targets?state=active&scrapePool=odd%20%22name%22%20%C3%BC",
];

test.skipIf(absent).each(VIEWS)("GET /%s shows the same as in Prometheus", async (path) => {
  const [own, peer] = [await targets(servers[0]!.base, path), await targets(servers[1]!.base, path)];
  expect(shown(own)).toEqual(shown(peer));
});

test.skipIf(absent)("the comparison includes every field of a target", async () => {
  const { activeTargets, droppedTargetCounts } = await targets(servers[1]!.base, "targets");
  const pools = activeTargets.map(({ scrapePool }) => scrapePool);
  const count = (pool: string): number => pools.filter((name) => name === pool).length;
  expect([count("twice"), count("over-limit"), count("from-file"), count("made-invalid")]).toEqual([1, 2, 3, 1]);
  expect(droppedTargetCounts).toMatchObject({ dropped: 3, "dropped-few-kept": 3, "all-dropped": 1, plain: 0 });
  expect([...new Set(activeTargets.map(({ health }) => health))].toSorted()).toEqual(["down", "unknown", "up"]);
});

const SORTED = [
  "scrape_pools",
  "targets/metadata",
  "targets/metadata?match_target=%7Bjob=%22plain%22%7D",
  "targets/metadata?match_target=%7Bjob=~%22p.*%22,instance!=%22x%22%7D&metric=requests_total",
  "targets/metadata?match_target=%7Bjob=%22parameters%22%7D",
  "targets/metadata?match_target=%7Bjob=%22renamed%22%7D",
  "targets/metadata?match_target=up%7B",
  "targets/metadata?match_target=%7B%7D",
  "targets/metadata?match_target=plain",
  "targets/metadata?metric=nope",
  "targets/metadata?metric=alone",
  "targets/metadata?metric=size_bytes&limit=5",
  "targets/metadata?limit=0",
  "targets/metadata?limit=-3&metric=other",
  "targets/metadata?limit=1.5",
  "targets/metadata?limit=1e2",
  "targets/metadata?limit=%201",
  "targets/metadata?limit=99999999999999999999",
  "targets/metadata?match_target=%7Bjob=%22plain%22,instance!~%22localhost.*%22%7D&limit=1&metric=requests_total",
  "metadata?metric=requests_total",
  "metadata?metric=size_bytes&limit_per_metric=0",
  "metadata?limit=0",
  "metadata?limit_per_metric=-1&metric=other",
  "metadata?limit_per_metric=x",
  "metadata",
];

test.skipIf(absent).each(SORTED)("GET /%s answers as Prometheus does", async (path) => {
  const [own, peer] = await Promise.all(servers.map(({ base }) => get(base, path)));
  const order = ({ data, ...rest }: Answer): unknown => ({ ...rest, data: Array.isArray(data) ? sorted(data) : data });
  expect(order(own!)).toEqual(order(peer!));
});
