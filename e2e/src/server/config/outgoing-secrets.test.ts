import {
  type RecordedAnswer,
  type RecordedRequest,
  recordingServer,
  type RecordingServer,
} from "@narthex/http/testing";
import { expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

/** Text that is part of every secret in this test, so that a leaked secret is found. */
const CANARY = "canary-7c20";
const PAIR = btoa(`u:${CANARY}`);
const USER = `u:${CANARY}`;
/** Value of a header that is not marked as a secret. The server must not send it to a foreign host. */
const KEY = "canary-key-31";
const NOBODY = "127.0.0.1:1";

const holdsSecret = (text: string): boolean => text.includes(CANARY) || text.includes(PAIR.replace(/=+$/, ""));

/**
 * Returns a configuration that uses every HTTP client of the server, each with its own path. The fake server redirects
 * paths below /away to another host.
 */
const configOf = ({ home }: RecordingServer, rules: string): string => `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ['${rules}']
scrape_configs:
- {job_name: http, http_sd_configs: [{url: 'http://${USER}@${home}/http-sd', refresh_interval: 1s}]}
- {job_name: http-away, http_sd_configs: [{url: 'http://${USER}@${home}/away/http-sd', refresh_interval: 1s}]}
- {job_name: http-bad, http_sd_configs: [{url: 'http://${USER}@${home}/bad', refresh_interval: 1s}]}
- {job_name: http-gone, http_sd_configs: [{url: 'http://${USER}@${NOBODY}/gone', refresh_interval: 1s}]}
- {job_name: consul, consul_sd_configs: [{server: 'http://${USER}@${home}/consul', token: ${CANARY}}]}
- {job_name: consul-away, consul_sd_configs: [{server: '${USER}@${home}', path_prefix: away/consul, token: ${CANARY}}]}
- {job_name: docker, docker_sd_configs: [{host: 'http://${USER}@${home}/docker', refresh_interval: 1s}]}
- {job_name: kubernetes, kubernetes_sd_configs: [{role: node, api_server: 'http://${USER}@${home}/kubernetes'}]}
- job_name: ec2
  ec2_sd_configs: [{region: r, access_key: a, secret_key: ${CANARY}, endpoint: 'http://${home}/away/ec2', refresh_interval: 1s}]
- job_name: eureka
  eureka_sd_configs:
  - {server: 'http://${USER}@${home}/', proxy_url: 'http://${USER}@${NOBODY}', proxy_connect_header: {X-Key: [${CANARY}]}}
- {job_name: marathon, marathon_sd_configs: [{servers: ['http://${USER}@${home}/away/marathon'], auth_token: ${CANARY}, refresh_interval: 1s}]}
- {job_name: uyuni, uyuni_sd_configs: [{server: 'http://${USER}@${home}/uyuni', username: u, password: ${CANARY}, refresh_interval: 1s}]}
- {job_name: puppetdb, puppetdb_sd_configs: [{url: 'http://${USER}@${home}/puppetdb', query: q, refresh_interval: 1s}]}
- {job_name: nomad, nomad_sd_configs: [{server: 'http://${USER}@${home}', refresh_interval: 1s}]}
- {job_name: kuma, kuma_sd_configs: [{server: 'http://${USER}@${home}/kuma'}]}
- job_name: scrape
  metrics_path: /away/metrics
  authorization: {credentials: ${CANARY}}
  http_headers: {X-Key: {secrets: [${CANARY}]}}
  static_configs: [{targets: ['${home}']}]
- job_name: token
  metrics_path: /token-wanted
  oauth2: {client_id: c, client_secret: ${CANARY}, token_url: 'http://${USER}@${home}/away/token'}
  static_configs: [{targets: ['${home}']}]
- job_name: proxied
  proxy_url: 'http://${USER}@${NOBODY}'
  proxy_connect_header: {X-Key: [${CANARY}]}
  static_configs: [{targets: ['${home}']}]
remote_write:
- {url: 'http://${USER}@${home}/write', queue_config: {batch_send_deadline: 100ms}}
- {url: 'http://${home}/away/write', headers: {X-Key: ${KEY}}, queue_config: {batch_send_deadline: 100ms}}
- {url: 'http://${USER}@${NOBODY}/write', queue_config: {batch_send_deadline: 100ms}}
remote_read:
- {url: 'http://${USER}@${home}/read', read_recent: true}
- {url: 'http://${home}/away/read', read_recent: true, basic_auth: {username: u, password: ${CANARY}}}
- {url: 'http://${USER}@${NOBODY}/read', read_recent: true}
alerting:
  alertmanagers:
  - {static_configs: [{targets: ['${USER}@${home}', '${USER}@${NOBODY}']}]}
  - {path_prefix: away, authorization: {credentials: ${CANARY}}, static_configs: [{targets: ['${home}']}]}
`;

/** URL paths that must be requested with Basic authentication. The configured URLs contain user and password. */
const WITH_USER = [
  "/http-sd",
  "/bad",
  "/consul/v1/",
  "/docker/_ping",
  "/kubernetes/api/",
  "/uyuni/rpc/api",
  "/puppetdb/pdb/query/v4",
  "/v1/services",
  "/kuma/v3/",
  "/write",
  "/read",
  "/api/v2/alerts",
];
/** URL paths that the test redirects to another host. The redirected requests must reach that host. */
const AWAY = ["http-sd", "consul", "ec2", "marathon", "metrics", "write", "read", "api/v2/alerts"];

function answer({ url, host }: RecordedRequest, { foreign, home }: RecordingServer): RecordedAnswer {
  if (host !== "127.0.0.1") return { status: 400, body: "landed" };
  if (url.startsWith("/away/")) {
    return { status: 307, headers: { location: `http://${foreign}${url.replace("/away/", "/landed/")}` } };
  }
  if (url.startsWith("/http-sd")) return { body: JSON.stringify([{ targets: [home] }]) };
  if (url.startsWith("/bad")) return { body: "{" };
  return { status: 400, body: `no such thing: ${url}` };
}

/** Configurations that a reload must refuse, each with the beginning of the error. */
const REFUSED: readonly (readonly [yaml: string, message: string])[] = [
  [`remote_write: [{url: 'http://${USER}@a/'}, {url: 'http://${USER}@a/'}]`, "duplicate remote write configs"],
  [`remote_read: [{url: 'http://${USER}@a/'}, {url: 'http://${USER}@a/'}]`, "duplicate remote read configs"],
  [`remote_write: [{url: 'http://${USER}@[a/'}]`, "missing ']' in host"],
  [`remote_write: [{url: 'http://${USER}/@a:b/'}]`, "invalid port"],
  [
    `scrape_configs: [{job_name: a, http_sd_configs: [{url: 'ftp://${USER}@a/'}]}]`,
    "URL scheme must be 'http' or 'https'",
  ],
  [`scrape_configs: [{job_name: a, static_configs: [{targets: ['http://${USER}@a/']}]}]`, "is not a valid hostname"],
  [`scrape_configs: [{job_name: a, proxy_url: 'http://${USER}@a:b/'}]`, "invalid port"],
];

test("no client reveals a secret to the host of a redirect, in a log, a metric, a page or the answer to a reload", async () => {
  using workplace = new Workplace();
  await using recording = await recordingServer(answer);
  const rules = workplace.write("rules.yml", "groups: [{name: g, rules: [{alert: A, expr: vector(1)}]}]");
  const settings = {
    config: configOf(recording, rules),
    flags: ["--web.enable-lifecycle", "--storage.remote.flush-deadline=10ms"],
  };
  await using server = await serve("narthex", workplace, "data", settings);
  const { requests } = recording;
  const requestTo = (host: string, path: string): RecordedRequest | undefined =>
    requests.find((request) => request.host === host && request.url.startsWith(path));
  const page = async (path: string): Promise<string> => (await fetch(server.base + path)).text();
  const pages: string[] = [await page("/api/v1/query?query=up")];
  await eventually("every client has sent", async () => {
    const missing = [
      ...WITH_USER.filter((path) => requestTo("127.0.0.1", path) === undefined),
      ...AWAY.filter((path) => requestTo("127.0.0.2", `/landed/${path}`) === undefined),
    ];
    expect(missing).toEqual([]);
    expect(requestTo("127.0.0.1", "/away/token")).toBeDefined();
    expect(server.running.output).toContain(`http://u:***@${NOBODY}/gone`);
    expect(server.running.output).toContain(`http://u:***@${NOBODY}/api/v2/alerts`);
  });
  for (const path of WITH_USER)
    expect([path, requestTo("127.0.0.1", path)!.headers.authorization]).toEqual([path, `Basic ${PAIR}`]);
  for (const { host, text } of requests)
    if (host !== "127.0.0.1") expect(holdsSecret(text) || text.includes(KEY), text).toBe(false);
  expect(requestTo("127.0.0.2", "/landed/token")).toBeUndefined();

  for (const path of [
    "status/config",
    "targets",
    "alertmanagers",
    "scrape_pools",
    "scrape_pools/config?scrape_pool=eureka",
  ]) {
    pages.push(await page(`/api/v1/${path}`));
  }
  pages.push(await page("/metrics"));
  expect(pages[1]).toContain("proxy_connect_header");
  for (const [yaml, message] of REFUSED) {
    workplace.write("data-narthex.yml", yaml);
    const reload = await fetch(`${server.base}/-/reload`, { method: "POST" });
    const text = await reload.text();
    expect([reload.status, text]).toEqual([500, expect.stringContaining(message)]);
    pages.push(text);
  }
  expect(pages.filter(holdsSecret)).toEqual([]);
  expect(server.running.output.split("\n").filter(holdsSecret)).toEqual([]);
});
