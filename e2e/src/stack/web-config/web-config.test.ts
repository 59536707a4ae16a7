import { join } from "node:path";
import { expect, test } from "vitest";
import { makeIdentities } from "./identities.ts";
import { SIDES, type Side } from "./programs.ts";
import { eventually, Fatal } from "../../support/eventually.ts";
import { lacks, peers } from "../../support/requirements.ts";
import { launcher, Running } from "../../support/running.ts";
import { freePort } from "../../support/ports.ts";
import { Workplace } from "../../support/workplace.ts";

const HASH = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
const PAIR = "cert_file: server.pem, key_file: server.key";

/** Texts of web configuration files, which our program and the original program must both accept or both refuse. */
const TEXTS: readonly string[] = [
  "",
  "[]",
  "foo: 1",
  "tls_server_config:",
  "tls_server_config: {}",
  "tls_server_config: {min_version: TLS13}",
  "tls_server_config: {client_allowed_sans: [a]}",
  "tls_server_config: {client_auth_type: NoClientCert}",
  "tls_server_config: {client_ca_file: ca.pem}",
  "tls_server_config: {cert_file: server.pem}",
  "tls_server_config: {key_file: server.key}",
  "tls_server_config: {cert_file: nope.pem, key_file: server.key}",
  "tls_server_config: {cert_file: 5, key_file: server.key}",
  "tls_server_config: {cert_file: ca.pem, key_file: server.key}",
  `tls_server_config: {${PAIR}}`,
  `tls_server_config: {${PAIR}, cert: x, key: y}`,
  `tls_server_config: {${PAIR}, client_auth_type: ""}`,
  `tls_server_config: {${PAIR}, client_auth_type: RequireClientCert, client_ca_file: ca.pem}`,
  `tls_server_config: {${PAIR}, client_auth_type: Sometimes}`,
  `tls_server_config: {${PAIR}, client_ca_file: ca.pem}`,
  `tls_server_config: {${PAIR}, client_ca_file: nope.pem, client_auth_type: RequestClientCert}`,
  `tls_server_config: {${PAIR}, client_allowed_sans: a}`,
  `tls_server_config: {${PAIR}, min_version: TLS9}`,
  `tls_server_config: {${PAIR}, min_version: TLS10, max_version: TLS11}`,
  `tls_server_config: {${PAIR}, prefer_server_cipher_suites: perhaps}`,
  ...[
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_CHACHA20_POLY1305_SHA256",
    "",
  ].map((suite) => `tls_server_config: {${PAIR}, cipher_suites: ["${suite}"]}`),
  ...["CurveP256", "CurveP384", "CurveP521", "X25519", "P256", "X25519MLKEM768"].map(
    (curve) => `tls_server_config: {${PAIR}, curve_preferences: [${curve}]}`,
  ),
  "http_server_config:",
  "http_server_config: {http2: no}",
  "http_server_config: {http2: maybe}",
  "http_server_config: {headers: {X-Frame-Options: deny}}",
  "http_server_config: {headers: {X-Frame-Options: DENY}}",
  "http_server_config: {headers: {x-frame-options: deny}}",
  "http_server_config: {headers: {X-Content-Type-Options: sniff}}",
  "http_server_config: {headers: {Content-Security-Policy: 5, X-XSS-Protection: ''}}",
  "http_server_config: {headers: {X-Foo: a}}",
  "http_server_config: {header: {}}",
  "rate_limit: {interval: 1d}",
  "rate_limit: {interval: 1.5s}",
  "rate_limit: {interval: 5, burst: 2.5}",
  "rate_limit: {interval: -1s, burst: -1}",
  "rate_limit: {interval: 1s, burst: x}",
  "basic_auth_users: {}",
  "basic_auth_users: {a: b}",
  "basic_auth_users: {a: }",
  `basic_auth_users: {a: "${HASH}"}`,
  `basic_auth_users: {a: "${HASH.replace("$10$", "$03$")}"}`,
  `basic_auth_users: {a: "${HASH}", a: "${HASH}"}`,
  "basic_auth_users: [a]",
  "a: [",
];

/**
 * Web configurations that only the original program accepts, although it then cannot serve any request. Our program
 * refuses them with the reason.
 */
const STRICTER: readonly string[] = [
  // A hash without its last character, which matches no password.
  `basic_auth_users: {a: "${HASH.slice(0, -1)}"}`,
  `tls_server_config: {${PAIR}, min_version: TLS13, max_version: TLS12}`,
  // CA file without a certificate. A server with such a file would not trust any client.
  `tls_server_config: {${PAIR}, client_ca_file: server.key, client_auth_type: RequireAndVerifyClientCert}`,
];

test.skipIf(lacks("peers"))(
  "promtool check web-config accepts and refuses the same files as the original",
  async () => {
    using workplace = new Workplace();
    const { ca, server } = makeIdentities(workplace.folder);
    for (const [name, text] of Object.entries({ "ca.pem": ca, "server.pem": server.cert, "server.key": server.key })) {
      workplace.write(name, text);
    }
    const texts = [...TEXTS, ...STRICTER];
    const files = texts.map((text, i) => workplace.write(`${i}.yml`, `${text}\n`));
    const verdicts = async (command: string, args: readonly string[]): Promise<ReadonlyMap<string, string>> => {
      const { stderr } = await ended(new Running(command, [...args, "check", "web-config", ...files]));
      const found = [...stderr.matchAll(/\/(\d+)\.yml (SUCCESS|FAILED)/g)].map(
        ([, i, said]) => [texts[Number(i)]!, said!] as const,
      );
      return new Map(found);
    };
    const theirs = await verdicts(join(peers, "promtool"), []);
    expect(theirs.size).toBe(texts.length);
    const stricter = STRICTER.map((text) => [text, "FAILED"] as const);
    expect(await verdicts(launcher, ["promtool"])).toEqual(new Map([...theirs, ...stricter]));
    expect(STRICTER.map((text) => theirs.get(text))).toEqual(STRICTER.map(() => "SUCCESS"));
  },
);

async function ended(running: Running): Promise<Running> {
  await running.ended;
  return running;
}

/** Requests in order, each with the Authorization header. */
const REQUESTS: readonly (readonly [path: string, authorization: string])[] = [
  ["/", ""],
  ["/nowhere", "Basic YTpmYWtlcGFzc3dvcmQ="],
  ["/", "basic YTpmYWtlcGFzc3dvcmQ="],
  ["/", "Basic YTpmYWxzZQ=="],
  ["/", "Basic Yjp4"],
  ["/", "Basic x"],
  ["/", "Bearer YTpmYWtlcGFzc3dvcmQ="],
];
const NAMES = [
  "www-authenticate",
  "content-type",
  "x-content-type-options",
  "x-frame-options",
  "strict-transport-security",
  "content-security-policy",
  "x-xss-protection",
];
const HEADERS =
  'http_server_config: {headers: {X-Frame-Options: deny, Strict-Transport-Security: max-age=1, Content-Security-Policy: "a\\nb"}}\n';

async function answers(side: Side, config: string): Promise<readonly unknown[]> {
  using workplace = new Workplace();
  const port = await freePort();
  const flags = [`--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${workplace.write("web.yml", config)}`];
  const args = ["--collector.disable-defaults", ...flags];
  await using running =
    side === "ours"
      ? new Running(launcher, ["node-exporter", ...args])
      : new Running(join(peers, "prometheus-node-exporter"), args);
  await eventually("it listens", async () => {
    if (running.child.exitCode !== null) throw new Fatal(running.output);
    if (!/Listening on/.test(running.output)) throw new Error("not yet");
  });
  const found: unknown[] = [];
  for (const [path, authorization] of REQUESTS) {
    const headers = authorization === "" ? {} : { authorization };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const body = await response.text();
    const shown = NAMES.map((name) => response.headers.get(name));
    found.push({ path, authorization, status: response.status, shown, body: response.status === 200 ? "" : body });
  }
  return found;
}

test.skipIf(lacks("peers")).each([
  ["headers", HEADERS],
  ["users", `${HEADERS}basic_auth_users: {a: "${HASH}"}\n`],
  ["a rate limit", `${HEADERS}rate_limit: {interval: 1h, burst: 2}\n`],
  ["a rate limit without burst", "rate_limit: {interval: 1h}\n"],
  ["a rate limit below nothing", "rate_limit: {interval: -1s, burst: 1}\n"],
])("%s: answers are the original's", async (_name, config) => {
  const [ours, theirs] = await Promise.all(SIDES.map((side) => answers(side, config)));
  expect(ours).toEqual(theirs);
});
