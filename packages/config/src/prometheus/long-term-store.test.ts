import { expect, test } from "vitest";
import { withSecretsRevealed } from "../decode/secret.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import { parsePrometheusConfig } from "../load.ts";
import { printPrometheusConfig } from "./effective.ts";
import type { PrometheusConfig } from "./prometheus-config.ts";

function parsed(yaml: string): PrometheusConfig {
  const read = parsePrometheusConfig(yaml, "a.yml", {}, () => undefined);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** Reads a configuration. Returns the position and message of its first problem. */
function problemOf(yaml: string, options: { readonly agent?: boolean } = {}): string {
  const read = parsePrometheusConfig(yaml, "a.yml", options, () => undefined);
  if (read.ok) throw new Error("there is no problem");
  const { line, message, hint } = read.problems[0]!;
  return `${line}: ${message}; ${hint}`;
}

test.each([
  ["{kind: victoriametrics, url: http://v:8428/}", "http://v:8428", "export", "http://v:8428/api/v1/write"],
  ["{kind: prometheus, url: http://p:9090/x}", "http://p:9090/x", "remote_read", "http://p:9090/x/api/v1/write"],
  ["{kind: mimir, url: http://m/prometheus}", "http://m/prometheus", "remote_read", "http://m/api/v1/push"],
  ["{kind: thanos, url: http://t:10902, send: false}", "http://t:10902", "query", undefined],
  [
    "{kind: thanos, url: http://t:10902, remote_write: {url: http://r/api/v1/receive}}",
    "http://t:10902",
    "query",
    "http://r/api/v1/receive",
  ],
  [
    "{kind: victoriametrics, url: http://s:8481/select/0/prometheus, read: query, remote_write: {url: http://i/insert/0/prometheus/api/v1/write}}",
    "http://s:8481/select/0/prometheus",
    "query",
    "http://i/insert/0/prometheus/api/v1/write",
  ],
])("long_term_store: %s", (yaml, url, read, writeUrl) => {
  const store = parsed(`long_term_store: ${yaml}`).longTermStore!;
  expect([store.url, store.read, store.remoteWrite?.url, store.timeoutMs]).toEqual([url, read, writeUrl, 10_000]);
});

test("samples are sent with the headers and credentials of reading, or with their own", () => {
  const store =
    "kind: mimir, url: http://m/prometheus, headers: {X-Scope-OrgID: a}, basic_auth: {username: u, password: p}";
  const same = parsed(`long_term_store: {${store}, remote_write: {queue_config: {max_shards: 3}}}`).longTermStore!;
  expect(same.remoteWrite?.headers).toEqual(new Map([["X-Scope-OrgID", "a"]]));
  expect(same.remoteWrite?.httpClient.basicAuth?.username).toBe("u");
  expect([same.remoteWrite?.queue.maxShards, same.remoteWrite?.name]).toEqual([3, "long_term_store"]);
  const own = parsed(`long_term_store: {${store}, remote_write: {authorization: {credentials: c}}}`).longTermStore!;
  expect([own.remoteWrite?.headers.size, own.remoteWrite?.httpClient.basicAuth]).toEqual([0, undefined]);
});

test("samples are sent with the TLS, proxy and redirect settings of reading, or with their own", () => {
  const store = (more: string): string =>
    `long_term_store: {kind: mimir, url: https://m/prometheus, ${more}, tls_config: {ca_file: /a}, proxy_url: http://p, follow_redirects: false, http_headers: {X-A: {values: [a]}}}`;
  const clientOf = (more: string): HttpClientConfig => parsed(store(more)).longTermStore!.remoteWrite!.httpClient;
  const same = clientOf("remote_write: {queue_config: {max_shards: 3}}");
  expect([same.tls.caFile, same.proxyUrl, same.followRedirects, same.httpHeaders.size]).toEqual([
    "/a",
    "http://p",
    false,
    1,
  ]);
  const own = clientOf("basic_auth: {username: u}, remote_write: {tls_config: {ca_file: /b}, proxy_url: http://q}");
  expect([own.tls.caFile, own.proxyUrl, own.basicAuth?.username]).toEqual(["/b", "http://q", "u"]);
  const none = clientOf("remote_write: {headers: {X-B: b}, proxy_from_environment: true}");
  expect([none.proxyUrl, none.proxyFromEnvironment, none.httpHeaders.size, none.tls.caFile]).toEqual([
    "",
    true,
    0,
    "/a",
  ]);
  const plain = parsed(
    "long_term_store: {kind: mimir, url: http://m, remote_write: {follow_redirects: false, tls_config: {ca_file: /b}}}",
  ).longTermStore!.remoteWrite!.httpClient;
  expect([plain.followRedirects, plain.tls.caFile]).toEqual([false, "/b"]);
});

test("it is printed with its defaults and without its secrets, and its printed form reads the same", () => {
  const config = parsed(
    "long_term_store: {kind: victoriametrics, url: 'http://u:p@v', basic_auth: {username: u, password: p}}",
  );
  const text = printPrometheusConfig(config);
  expect(text).toContain(
    "long_term_store:\n  kind: victoriametrics\n  url: http://u:xxxxx@v\n  read: export\n  timeout: 10s\n",
  );
  expect(text).not.toContain(": p\n");
  const identity = withSecretsRevealed(() => printPrometheusConfig(config));
  expect(withSecretsRevealed(() => printPrometheusConfig(parsed(identity)))).toBe(identity);
  expect(printPrometheusConfig(parsed("{}"))).not.toContain("long_term_store");
});

test.each([
  ["{url: http://v}", /^2: kind for long_term_store is missing; add kind: one of victoriametrics/],
  [
    "{kind: influx, url: http://v}",
    /^2: field kind: unknown kind of long_term_store "influx"; use one of victoriametrics, prom/,
  ],
  [
    "{kind: thanos, url: http://t}",
    /^2: samples of a thanos at http:\/\/t are taken at another address .*; add remote_write/,
  ],
  [
    "{kind: victoriametrics, url: http://s/select/0/prometheus}",
    /^2: samples of a victoriametrics at .*; add remote_write/,
  ],
  [
    "{kind: mimir, url: http://m, read: export}",
    /^2: read: export is VictoriaMetrics' own; write remote_read or query/,
  ],
  ["{kind: mimir, url: http://m, timeout: 0s}", /^2: timeout of long_term_store is 0: no answer .*; write a duration/],
  ["{kind: mimir, url: m:80}", /^2: url for long_term_store is not one of a query API/],
  ["{kind: mimir}", /^2: url for long_term_store is not one of a query API/],
  ["{kind: mimir, url: http://m, headers: {Authorization: x}}", /^2: authorization header must be changed/],
  ["{kind: mimir, url: http://m, remote_writes: {}}", /^2: field remote_writes not found .*remote_write/],
  ["{kind: mimir, url: http://m, remote_write: {queue_config: {capacity: -1}}}", /^2: remote write queue capacity/],
])("%s is refused with its place and what to do", (yaml, expected) => {
  expect(problemOf(`global: {}\nlong_term_store: ${yaml}`)).toMatch(expected);
});

test("an agent cannot have a long_term_store", () => {
  const yaml = "long_term_store: {kind: mimir, url: http://m}";
  expect(problemOf(yaml, { agent: true })).toContain("field long_term_store is not allowed in agent mode");
});

test("an empty block is refused", () => {
  expect(parsed("long_term_store:\n").longTermStore).toBeUndefined();
});
