import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { loadWebConfig, WebConfigError } from "./web-config.ts";
import { WebConfigSource } from "./web-config-source.ts";

const folder = temporaryFolder();

const path = join(folder, "web.yml");
const HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

function load(text: string) {
  writeFileSync(path, text);
  return loadWebConfig(path);
}

test.each([
  ["", {}],
  ["tls_server_config: {min_version: TLS13, client_allowed_sans: [a]}", {}],
  [`basic_auth_users: {a: ${HASH}}`, { users: new Map([["a", HASH]]) }],
  [
    "http_server_config: {http2: no, headers: {X-Frame-Options: deny, Content-Security-Policy: 'a\n b'}}",
    {
      http2: false,
      headers: new Map([
        ["X-Frame-Options", "deny"],
        ["Content-Security-Policy", "a b"],
      ]),
    },
  ],
  ["rate_limit: {interval: 1.5s, burst: 2.7}", { rateLimit: { intervalMs: 1500, burst: 2 } }],
  ["rate_limit: {interval: 1s}", { rateLimit: { intervalMs: 1000, burst: 0 } }],
  ["rate_limit: {interval: 2_000_000}", { rateLimit: { intervalMs: 2, burst: 0 } }],
  ["rate_limit: {interval: -1s, burst: 2}", {}],
])("loadWebConfig() of %j", (text, expected) =>
  expect(load(text)).toEqual({
    tls: undefined,
    http2: true,
    headers: new Map(),
    rateLimit: undefined,
    users: new Map(),
    ...expected,
  }),
);

test.each([
  ["tls_server_confg: {}", "1:1: field tls_server_confg not found in type web.Config; did you mean tls_server_config?"],
  ["[]", "1:1: cannot unmarshal !!seq into web.Config; give a mapping with keys such as"],
  ["tls_server_config: {min_version: TLS9}", "1:34: field min_version: unknown TLS version: TLS9; use one of TLS10"],
  [
    "tls_server_config:\n  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]",
    "2:19: field cipher_suites: unknown cipher: ",
  ],
  ["tls_server_config:\n  curve_preferences: [P256]", "2:23: field curve_preferences: unknown curve: P256; use one of"],
  ["tls_server_config: {client_auth_type: Sometimes}", "1:39: field client_auth_type: invalid ClientAuth: Sometimes"],
  ["tls_server_config:\n  cert: x", "2:3: missing one of key or key_file; name the certificate's key"],
  ["tls_server_config:\n  cert: x\n  key: y", "2:3: failed to load X509KeyPair: no start line; give a certificate"],
  [
    "tls_server_config:\n  cert_file: nowhere.pem\n  key: k",
    `2:14: failed to read cert_file (${folder}/nowhere.pem): open ${folder}/nowhere.pem: no such file or directory; name`,
  ],
  [
    "tls_server_config: {cert: c, key: k, client_ca: a}",
    "1:49: client CA's have been configured without a Client Auth",
  ],
  ["tls_server_config: {cert: c, key: k, min_version: TLS13, max_version: TLS12}", "1:51: min_version is above max_"],
  [
    "tls_server_config: {cert: c, key: k, client_ca: a, client_auth_type: RequestClientCert}",
    "1:49: client_ca_file holds no certificate: no start line; give the authority's certificate as PEM",
  ],
  ["http_server_config:\n  headers:\n    constructor: a", '3:5: HTTP header "constructor" can not be configured'],
  ["http_server_config:\n  headers:\n    X-Foo: a", '3:5: HTTP header "X-Foo" can not be configured; allowed: Content'],
  [
    "http_server_config:\n  headers:\n    X-Frame-Options: DENY",
    '3:5: invalid value for X-Frame-Options. Expected one of: ["deny" "sameorigin"], but got: "DENY"; write deny or',
  ],
  ["basic_auth_users:\n  ann: plain\n", '2:3: basic_auth_users: the value of "ann" is no bcrypt hash; make one with'],
  ["rate_limit: {interval: 1d}", "1:24: field interval: cannot unmarshal !!str `1d` into time.Duration; write a"],
  ["tls_server_config: [\n", "yaml"],
])("a web config that cannot protect is refused with place and hint: %j", (text, message) => {
  expect(() => load(text)).toThrow(WebConfigError);
  expect(() => load(text)).toThrow(`${path}:${message}`.replace(/web\.yml:yaml$/, "web.yml:"));
});

test("loadWebConfig() reports all problems at once, and a missing file", () => {
  expect(() => load("a: 1\nrate_limit: {interval: x}\nhttp_server_config: {http2: perhaps}")).toThrow(
    /web\.yml:1:1: .*\n.*web\.yml:2:24: .*\n.*web\.yml:3:29: /,
  );
  expect(() => loadWebConfig(join(folder, "nope.yml"))).toThrow(/^open .*nope\.yml: no such file or directory$/);
});

test("a changed file is applied at once, and an invalid one is logged once with its hint while the last valid one stays in use", () => {
  const logger = memoryLogger();
  writeFileSync(path, "");
  const source = new WebConfigSource(path, { clock: new ManualClock(), logger });
  writeFileSync(path, "rate_limit: {interval: 1s}");
  expect(source.current().rateLimit).toEqual({ intervalMs: 1000, burst: 0 });
  writeFileSync(path, "rate_limit: {interval: 1x}");
  for (let i = 0; i < 3; i++) expect(source.current().rateLimit?.intervalMs).toBe(1000);
  expect(source.problem()).toContain("web.yml:1:24: field interval: cannot unmarshal");
  rmSync(path);
  expect(source.current().rateLimit?.intervalMs).toBe(1000);
  expect([source.problem(), source.refusals]).toEqual([`open ${path}: no such file or directory`, 2]);
  writeFileSync(path, "rate_limit: {interval: 2s}");
  expect(source.current().rateLimit?.intervalMs).toBe(2000);
  expect(source.problem()).toBeUndefined();
  expect(logger.lines.map(({ level, message }) => [level, message])).toEqual([
    ["warn", "Reading the changed web config failed"],
    ["warn", "Reading the changed web config failed"],
    ["info", "Reading the changed web config works again"],
  ]);
});
