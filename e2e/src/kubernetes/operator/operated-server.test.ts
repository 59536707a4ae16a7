import { readFileSync } from "node:fs";
import { request } from "node:https";
import { expect, test } from "vitest";
import { Authority } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { Workplace } from "../../support/workplace.ts";
import { MovedContainer, moved } from "../moved-container.ts";
import { OPERATED_SERVERS, type OperatedServer } from "./operated-servers.ts";

const CONFIG = "/etc/prometheus/config_out/prometheus.env.yaml";
const WEB_CONFIG = "/etc/prometheus/web_config/web-config.yaml";
const RULES = "/etc/prometheus/rules/prometheus-main-rulefiles-0";

/** Returns a prometheus.yml with one scrape job, as prometheus-operator generates it. */
const config = (job: string, { storage, isAgent = false }: OperatedServer): string => `global:
  scrape_interval: 30s
  scrape_timeout: 10s
  external_labels:
    prometheus: monitoring/main
    prometheus_replica: prometheus-main-0
${isAgent ? "remote_write: [{url: http://127.0.0.1:1/write}]" : `  evaluation_interval: 30s\nrule_files:\n- ${RULES}/*.yaml`}
${storage === undefined ? "" : `storage: {${storage}}`}
scrape_configs:
- job_name: serviceMonitor/default/${job}/0
  honor_labels: false
  static_configs: [{targets: ['127.0.0.1:1']}]
  metrics_path: /metrics
  relabel_configs:
  - source_labels: [job]
    target_label: __tmp_prometheus_job_name
  - target_label: endpoint
    replacement: web
  - source_labels: [__address__, __tmp_hash]
    target_label: __tmp_hash
    regex: (.+);
    replacement: $1
    action: replace
  - source_labels: [__tmp_hash]
    target_label: __tmp_hash
    modulus: 1
    action: hashmod
  - source_labels: [__tmp_hash, __tmp_disable_sharding]
    regex: 0;|.+;.+
    action: keep
`;

const RULE_FILE = "groups: [{name: a, rules: [{record: one, expr: vector(1)}]}]\n";

const probe = (path: string) => ({ httpGet: { path, port: "web" } });

/** Starts the container of a Prometheus resource, with prometheus-operator's probes. */
const start = (workplace: Workplace, server: OperatedServer): Promise<MovedContainer> =>
  MovedContainer.start(workplace, {
    role: "server",
    container: {
      args: server.args,
      startupProbe: probe(`${server.prefix ?? ""}/-/ready`),
      readinessProbe: probe(`${server.prefix ?? ""}/-/ready`),
      livenessProbe: probe(`${server.prefix ?? ""}/-/healthy`),
    },
    // Makes /etc/prometheus/certs writable, because it is a mounted volume. The image's other folders below /etc are
    // read-only.
    folders: ["/prometheus", "/etc/prometheus/certs"],
    files: { [CONFIG]: config("one", server), [WEB_CONFIG]: "", [`${RULES}/a.yaml`]: RULE_FILE },
  });

const pools = async (base: string): Promise<string[]> =>
  (await api<{ scrapePools: string[] }>(base, "scrape_pools")).scrapePools;

test.each(OPERATED_SERVERS)("a server of prometheus-operator: $resource", async (server) => {
  using workplace = new Workplace();
  await using run = await start(workplace, server);
  await run.probed();
  const base = run.base + (server.prefix ?? "");
  const flags = await api<Record<string, string>>(base, "status/flags");
  for (const arg of server.args) {
    const [, no, name, value = no === undefined ? "true" : "false"] = /^--(no-)?([^=]+)(?:=(.*))?$/.exec(arg)!;
    if (name === "web.listen-address" || name === "enable-feature" || /retention/.test(name!)) continue;
    const isUrl = name === "web.external-url" || name === "web.route-prefix";
    expect(flags[name!], arg).toBe(isUrl ? value : moved(value, workplace));
  }
  expect(await pools(base)).toEqual(["serviceMonitor/default/one/0"]);

  // Writes a new configuration and requests a reload, as the operator's config-reloader does.
  workplace.write(CONFIG, moved(config("two", server), workplace));
  if (server.reload === "signal") {
    // Checks that the process name is "prometheus", because the config-reloader finds the server's process by this
    // name.
    expect(readFileSync(`/proc/${run.running.child.pid}/stat`, "utf8")).toContain("(prometheus)");
    run.running.kill("SIGHUP");
  } else expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
  await eventually("the new configuration", async () =>
    expect(await pools(base)).toEqual(["serviceMonitor/default/two/0"]),
  );
  // Requests the status from which the config-reloader learns whether the reload succeeded.
  const info = await api<{ reloadConfigSuccess: boolean; lastConfigTime: string }>(base, "status/runtimeinfo");
  expect(info).toMatchObject({ reloadConfigSuccess: true, lastConfigTime: expect.any(String) as string });

  if (server.reload !== "signal") {
    workplace.write(CONFIG, "scrape_configs: [{job_name: a}, {job_name: a}]\n");
    expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(500);
    expect(await pools(base)).toEqual(["serviceMonitor/default/two/0"]);
  }
});

test("web.tlsConfig: the probes and the reloader use HTTPS without knowing the authority", async () => {
  using workplace = new Workplace();
  const server = OPERATED_SERVERS[1]!;
  const { cert, key } = new Authority(workplace.folder, "web").issue({ name: "prometheus" });
  const web = "/etc/prometheus/web_config/secret/web-tls";
  await using run = await MovedContainer.start(workplace, {
    role: "server",
    container: { args: server.args },
    folders: ["/prometheus"],
    files: {
      [CONFIG]: config("one", server),
      [`${web}-cert/tls.crt`]: cert,
      [`${web}-key/tls.key`]: key,
      [WEB_CONFIG]: `tls_server_config:\n  cert_file: ${web}-cert/tls.crt\n  key_file: ${web}-key/tls.key\n  min_version: TLS13\nhttp_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n`,
    },
  });
  const base = run.base.replace("http:", "https:");
  await eventually("the probe", async () => expect(await status(`${base}/-/ready`, "GET")).toBe(200));
  expect(await status(`${base}/-/healthy`, "GET")).toBe(200);
  workplace.write(CONFIG, config("two", server));
  expect(await status(`${base}/-/reload`, "POST")).toBe(200);
});

/** Sends an HTTPS request without verifying the certificate. Resolves with the status of the response. */
const status = (url: string, method: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method, rejectUnauthorized: false }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode!));
    });
    sent.on("error", reject).end();
  });
