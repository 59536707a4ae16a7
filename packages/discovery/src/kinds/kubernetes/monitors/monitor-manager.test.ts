import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { decodeYaml, type GlobalConfig, parsePrometheusConfig, type ScrapeConfig } from "@narthex/config";
import { SelfMetrics } from "@narthex/http";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { discoveryMetrics } from "../../../metrics.ts";
import { type ApiObject, KubernetesApi, type KubernetesApiOptions } from "../testing/kubernetes-api.ts";
import { MonitorManager } from "./monitor-manager.ts";
import { monitorSection } from "./section.ts";

function globalOf(text = ""): GlobalConfig {
  const parsed = parsePrometheusConfig(text, "prometheus.yml", {}, () => undefined);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value.global;
}

/** Parses entries of kubernetes_monitor_configs. */
const entries = (...texts: readonly string[]) =>
  texts.map((text) => {
    const loaded = decodeYaml(text, "prometheus.yml", monitorSection);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return { kind: "kubernetes_monitor_configs", config: loaded.value, position: { line: 1, column: 1 } };
  });

async function serveApi(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
  const api = await KubernetesApi.start(options);
  onTestFinished(() => api[Symbol.asyncDispose]());
  return api;
}

class ManagedRun {
  readonly clock = new ManualClock();
  readonly logger = memoryLogger();
  readonly sent: (readonly ScrapeConfig[])[] = [];
  readonly rules: (readonly string[])[] = [];
  readonly manager = new MonitorManager({
    clock: this.clock,
    logger: this.logger,
    metrics: discoveryMetrics(new SelfMetrics()),
    userAgent: "Prometheus/x",
    onJobs: (jobs) => {
      this.sent.push(jobs);
      return Promise.resolve();
    },
    rules: {
      check: async (file, text) => (text.includes("up =") ? [`${file}: could not parse expression`] : []),
      apply: (files) => {
        this.rules.push(Array.from(files, ([name, text]) => `${name} ${text}`));
        return Promise.resolve();
      },
    },
  });

  constructor() {
    onTestFinished(() => this.manager.stop());
  }

  get jobs(): readonly string[] {
    return (this.sent.at(-1) ?? []).map(({ jobName }) => jobName);
  }

  get states(): readonly string[] {
    return this.manager.monitors.map(
      ({ state, kind, namespace, name, cluster, error }) =>
        `${state} ${kind} ${namespace}/${name}${cluster === "" ? "" : `@${cluster}`}${error === "" ? "" : `: ${error}`}`,
    );
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      await this.clock.advance(100);
    }
  }
}

const monitor = (name: string, spec: object = {}, namespace = "a", labels: Record<string, string> = {}): ApiObject => ({
  metadata: { name, namespace, labels },
  spec: { selector: {}, endpoints: [{ port: "http" }], podMetricsEndpoints: [{ port: "http" }], ...spec },
});

const basicAuth = {
  basicAuth: { username: { name: "login", key: "user" }, password: { name: "login", key: "word" } },
};
const secured = monitor("secured", { endpoints: [{ port: "http", ...basicAuth }] });
const login = (word: string): ApiObject => ({
  metadata: { name: "login", namespace: "a" },
  data: { user: Buffer.from("me").toString("base64"), word: Buffer.from(word).toString("base64") },
});

test("monitors become jobs that find their targets through the same API; added and removed monitors are followed", async () => {
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  api.put("podmonitors", monitor("pods", {}, "b"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf("global: {scrape_interval: 7s, scrape_timeout: 3s}"));
  await run.until(() => run.sent.length > 0);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0", "podMonitor/b/pods/0"]);
  const [web] = run.sent[0]!;
  expect(web).toMatchObject({ scrapeIntervalMs: 7000, scrapeTimeoutMs: 3000 });
  expect(web!.discoveryConfigs).toMatchObject([
    { kind: "kubernetes_sd_configs", config: { apiServer: api.url, role: "endpoints", namespaces: { names: ["a"] } } },
  ]);
  api.put("servicemonitors", monitor("later", { endpoints: [{}, {}] }));
  await run.until(() => run.jobs.length === 4);
  expect(run.jobs.slice(0, 2)).toEqual(["serviceMonitor/a/later/0", "serviceMonitor/a/later/1"]);
  api.remove("servicemonitors", "web", "a");
  api.remove("servicemonitors", "later", "a");
  await run.until(() => run.jobs.length === 1);
  expect(run.jobs).toEqual(["podMonitor/b/pods/0"]);
});

test("a change that affects no job is not passed on", async () => {
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.sent.length > 0);
  api.put("servicemonitors", { ...monitor("web"), status: { bindings: [] } });
  api.put("servicemonitors", monitor("none", { endpoints: [] }));
  await run.until(() => run.states.length === 2);
  expect(run.sent).toHaveLength(1);
});

test("an invalid monitor is refused by name, once, and the others continue", async () => {
  const api = await serveApi();
  api.put("servicemonitors", monitor("fast", { endpoints: [{ interval: "1s", scrapeTimeout: "2s" }] }));
  api.put("servicemonitors", monitor("web"));
  api.put("servicemonitors", monitor("pattern", { endpoints: [{}, { relabelings: [{ regex: "(" }] }] }));
  api.put("servicemonitors", monitor("classy", { scrapeClass: "tls" }));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.sent.length > 0);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
  expect(run.states).toEqual([
    expect.stringContaining('refused ServiceMonitor a/classy: scrapeClass "tls" is not known'),
    expect.stringContaining("refused ServiceMonitor a/fast: endpoints[0]: scrape timeout greater than scrape interval"),
    expect.stringMatching(/^refused ServiceMonitor a\/pattern: endpoints\[1\]: .*missing/),
    "accepted ServiceMonitor a/web",
  ]);
  api.put("servicemonitors", monitor("other"));
  await run.until(() => run.jobs.length === 2);
  const refusals = () => run.logger.lines.filter(({ message }) => message === "Monitor is refused");
  expect(refusals().map(({ fields }) => fields["monitor"])).toEqual([
    "ServiceMonitor a/classy",
    "ServiceMonitor a/fast",
    "ServiceMonitor a/pattern",
  ]);
  api.put("servicemonitors", monitor("fast"));
  await run.until(() => run.jobs.length === 3);
  expect(refusals()).toHaveLength(3);
  expect(run.logger.lines.at(-1)).toMatchObject({
    message: "Monitor is no longer refused",
    fields: { monitor: "ServiceMonitor a/fast" },
  });
});

test("values of a Secret are read when it is created or changed, and only that Secret is watched while it is needed", async () => {
  const api = await serveApi();
  api.put("servicemonitors", secured);
  api.put("secrets", { metadata: { name: "other", namespace: "a" }, data: {} });
  const run = new ManagedRun();
  const word = () => run.sent.at(-1)?.[0]?.httpClient.basicAuth?.password?.reveal();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.states[0]?.startsWith("refused") === true);
  expect(run.states).toEqual([
    'refused ServiceMonitor a/secured: endpoints[0]: basicAuth: username: secret "login" not found',
  ]);
  api.put("secrets", login("one"));
  await run.until(() => word() === "one");
  api.put("secrets", login("two"));
  await run.until(() => word() === "two");
  const asked = api.requests.filter(({ resource }) => resource === "secrets");
  expect(new Set(asked.map(({ path, query }) => `${path} ${query["fieldSelector"]!}`))).toEqual(
    new Set(["/api/v1/namespaces/a/secrets metadata.name=login"]),
  );
  expect(api.watches.map(({ resource }) => resource)).toContain("secrets");
  api.remove("servicemonitors", "secured", "a");
  await run.until(() => run.jobs.length === 0);
  await run.until(() => !api.watches.some(({ resource }) => resource === "secrets"));
  expect(JSON.stringify(run.logger.lines)).not.toMatch(/one|two/);
});

test("a missing Secret does not end the watches of other Secrets that the monitor names after it", async () => {
  const api = await serveApi();
  const bearer = { bearerTokenSecret: { name: "other", key: "token" } };
  api.put("servicemonitors", monitor("secured", { endpoints: [{ port: "http", ...basicAuth }, bearer] }));
  api.put("secrets", login("one"));
  api.put("secrets", { metadata: { name: "other", namespace: "a" }, data: { token: "" } });
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.jobs.length === 2);
  api.remove("secrets", "login", "a");
  await run.until(() => run.states[0]?.startsWith("refused") === true);
  api.put("secrets", login("two"));
  await run.until(() => run.states[0]?.startsWith("accepted") === true);
  const lists = api.requests.filter(
    ({ query, isWatch }) => query["fieldSelector"] === "metadata.name=other" && !isWatch,
  );
  expect(lists).toHaveLength(1);
});

test.each([503, 429])("jobs continue while the API answers %i for a newly named Secret", async (status) => {
  let isOpen = false;
  const api = await serveApi({
    gate: ({ resource }) => (resource === "secrets" && !isOpen ? { status, message: "come later" } : undefined),
  });
  api.put("servicemonitors", monitor("secured"));
  api.put("secrets", login("one"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.jobs.length === 1);
  api.put("servicemonitors", secured);
  await run.until(() => run.states[0]?.startsWith("waiting") === true);
  expect(run.jobs).toEqual(["serviceMonitor/a/secured/0"]);
  isOpen = true;
  await run.until(() => run.sent.at(-1)?.[0]?.httpClient.basicAuth !== undefined);
  expect(run.sent.every((jobs) => jobs.length === 1)).toBe(true);
});

test("a refusal by the API is reported with the missing rule, and the other kinds are read", async () => {
  const refused = new Set(["podmonitors", "secrets"]);
  const api = await serveApi({
    gate: ({ resource }) =>
      refused.has(resource)
        ? { status: 403, reason: "Forbidden", message: `${resource} is forbidden: cannot list` }
        : undefined,
  });
  api.put("servicemonitors", monitor("web"));
  api.put("servicemonitors", secured);
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.states.some((state) => state.startsWith("refused")));
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
  expect(run.logger.lines.map(({ message }) => message)).toContain(
    "grant the server's service account, in a ClusterRole: " +
      '{apiGroups: ["monitoring.coreos.com"], resources: [podmonitors], verbs: [list, watch]}',
  );
  expect(run.states).toContainEqual(
    'refused ServiceMonitor a/secured: endpoints[0]: basicAuth: username: secret "login" cannot be read: ' +
      "secrets is forbidden: cannot list; grant the server's service account, in a Role in namespace a: " +
      '{apiGroups: [""], resources: [secrets], verbs: [list, watch]}',
  );
  refused.clear();
  api.put("podmonitors", monitor("pods"));
  api.put("secrets", login("one"));
  await run.until(() => run.jobs.length === 3);
});

test("a cluster without the definitions is reported", async () => {
  const api = await serveApi({ gate: ({ resource }) => (resource === "podmonitors" ? { status: 404 } : undefined) });
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.sent.length > 0);
  expect(run.logger.lines.map(({ message }) => message)).toContain(
    "the cluster has no podmonitors.monitoring.coreos.com/v1: apply its CustomResourceDefinition, or remove it from kinds",
  );
});

test("namespaces, their labels and the labels of monitors select the monitors", async () => {
  const api = await serveApi();
  for (const namespace of ["a", "b", "c"]) {
    api.put("namespaces", { metadata: { name: namespace, labels: { team: namespace === "c" ? "other" : "mine" } } });
    api.put("servicemonitors", monitor("web", {}, namespace, { release: "x" }));
    api.put("servicemonitors", monitor("foreign", {}, namespace));
  }
  const run = new ManagedRun();
  const entry = (more: string) =>
    entries(`{api_server: ${api.url}, selector: release=x, kinds: [ServiceMonitor], ${more}}`);
  run.manager.apply(entry("namespace_selector: team=mine"), globalOf());
  await run.until(() => run.jobs.length === 2);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0", "serviceMonitor/b/web/0"]);
  api.put("namespaces", { metadata: { name: "c", labels: { team: "mine" } } });
  await run.until(() => run.jobs.length === 3);
  run.manager.apply(entry("namespaces: {names: [b, c]}"), globalOf());
  await run.until(() => run.jobs.length === 2);
  expect(run.jobs).toEqual(["serviceMonitor/b/web/0", "serviceMonitor/c/web/0"]);
  expect(
    new Set(api.requests.filter(({ resource }) => resource === "servicemonitors").map(({ path }) => path)),
  ).toEqual(
    new Set([
      "/apis/monitoring.coreos.com/v1/servicemonitors",
      "/apis/monitoring.coreos.com/v1/namespaces/b/servicemonitors",
      "/apis/monitoring.coreos.com/v1/namespaces/c/servicemonitors",
    ]),
  );
});

test("jobs follow the global section, and an unchanged entry is not listed again", async () => {
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  const entry = entries(`{api_server: ${api.url}, kinds: [ServiceMonitor]}`);
  run.manager.apply(entry, globalOf());
  await run.until(() => run.sent.length === 1);
  run.manager.apply(entry, globalOf("global: {scrape_interval: 5s, scrape_timeout: 5s}"));
  await run.until(() => run.sent.length === 2);
  expect(run.sent[1]![0]!.scrapeIntervalMs).toBe(5000);
  expect(api.requests.filter(({ isWatch }) => !isWatch)).toHaveLength(1);
  run.manager.apply([], globalOf());
  await run.until(() => run.sent.length === 3);
  expect(run.jobs).toEqual([]);
});

test("jobs are kept while the API is unreachable, and until a changed entry has listed all objects", async () => {
  let isAway = false;
  const api = await serveApi({ gate: () => (isAway ? { status: 503, message: "away" } : undefined) });
  api.put("servicemonitors", monitor("web", {}, "a", { release: "x" }));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.jobs.length === 1);
  isAway = true;
  api.disconnect();
  run.manager.apply(entries(`{api_server: ${api.url}, selector: release=x}`), globalOf());
  await run.clock.advance(10_000);
  await run.until(() => run.logger.lines.some(({ fields }) => fields["err"] === "away"));
  expect(run.sent).toHaveLength(1);
  isAway = false;
  const listed = () =>
    api.requests.some(({ query }) => query["labelSelector"] === "release=x" && query["watch"] === "true");
  await run.until(listed);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
});

test("a cluster that cannot be reached delays the monitors of another cluster only for a limited time", async () => {
  const away = await serveApi({ gate: () => ({ status: 503, message: "away" }) });
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${away.url}}`, `{api_server: ${api.url}}`), globalOf());
  await run.until(() => run.jobs.length === 1);
  expect(run.clock.monotonic()).toBeGreaterThan(25_000);
});

test("a monitor that two entries find is used once", async () => {
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  run.manager.apply(
    entries(`{api_server: ${api.url}}`, `{api_server: ${api.url}, namespaces: {names: [a]}}`),
    globalOf(),
  );
  await run.until(() => run.sent.length > 0);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
});

test("monitors of the same name in two clusters are both scraped, the second one under its cluster's name", async () => {
  const [one, two] = [await serveApi(), await serveApi()];
  one.put("servicemonitors", monitor("web"));
  two.put("servicemonitors", monitor("web"));
  two.put("servicemonitors", monitor("wrong", { scrapeClass: "tls" }));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${one.url}}`, `{api_server: ${two.url}}`), globalOf());
  await run.until(() => run.jobs.length === 2);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0", `serviceMonitor/a/web/0@${two.url}`]);
  const servers = run.sent.at(-1)!.flatMap(({ discoveryConfigs }) => discoveryConfigs.map(({ config }) => config));
  expect(servers).toMatchObject([{ apiServer: one.url }, { apiServer: two.url }]);
  expect(run.states).toEqual([
    "accepted ServiceMonitor a/web",
    `accepted ServiceMonitor a/web@${two.url}`,
    expect.stringContaining(`refused ServiceMonitor a/wrong@${two.url}: scrapeClass`),
  ]);
  run.manager.apply(entries(`{api_server: ${two.url}}`), globalOf());
  await run.until(() => run.jobs.length === 1);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
  expect(run.states).toContainEqual(expect.stringContaining("refused ServiceMonitor a/wrong: scrapeClass"));
});

test("an entry whose kubeconfig was missing is read at the next reload", async () => {
  const folder = temporaryFolder();
  const kubeconfig = join(folder, "config");
  const api = await serveApi();
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  const entry = entries(`{kubeconfig_file: ${kubeconfig}}`);
  run.manager.apply(entry, globalOf());
  await run.until(() => run.logger.lines.some(({ message }) => message === "Monitors of Kubernetes cannot be read"));
  const context = { name: "c", context: { cluster: "c", user: "u" } };
  const file = {
    "current-context": "c",
    contexts: [context],
    clusters: [{ name: "c", cluster: { server: api.url } }],
    users: [{ name: "u", user: {} }],
  };
  writeFileSync(kubeconfig, JSON.stringify(file));
  run.manager.apply(entry, globalOf());
  await run.until(() => run.jobs.length === 1);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
});

test("an invalid CA or a missing file refuses only its own monitor, until it can be used", async () => {
  const folder = temporaryFolder();
  const caFile = join(folder, "ca.pem");
  const api = await serveApi();
  api.put("configmaps", { metadata: { name: "bundle", namespace: "a" }, data: { ca: "no certificate" } });
  const ca = { configMap: { name: "bundle", key: "ca" } };
  api.put("servicemonitors", monitor("bundle", { endpoints: [{ tlsConfig: { ca } }] }));
  api.put("servicemonitors", monitor("file", { endpoints: [{ tlsConfig: { caFile } }] }));
  api.put("servicemonitors", monitor("web"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}, kinds: [ServiceMonitor]}`), globalOf());
  await run.until(() => run.states.filter((state) => state.startsWith("refused")).length === 2);
  expect(run.jobs).toEqual(["serviceMonitor/a/web/0"]);
  expect(run.states[1]).toContain(caFile);
  writeFileSync(caFile, rootCertificates[0]!);
  await run.until(() => run.jobs.length === 2);
  expect(run.jobs).toEqual(["serviceMonitor/a/file/0", "serviceMonitor/a/web/0"]);
});

const ruleObject = (name: string, expr: string | number, labels: Record<string, string> = {}): ApiObject => ({
  metadata: { name, namespace: "a", labels },
  spec: {
    groups: [
      { name: "g", partial_response_strategy: "abort", interval: "1m", rules: [{ record: "r", expr, for: null }] },
    ],
  },
});
const ruleText = (expr: string): string =>
  JSON.stringify({ groups: [{ name: "g", interval: "1m", rules: [{ record: "r", expr }] }] });

test("PrometheusRules become rule files; a bad one is refused and costs only itself", async () => {
  const api = await serveApi();
  const selected = { role: "alerts" };
  api.put("prometheusrules", ruleObject("ok", "up", selected));
  api.put("prometheusrules", ruleObject("number", 7, selected));
  api.put("prometheusrules", ruleObject("bad", "up =", selected));
  api.put("prometheusrules", {
    metadata: { name: "shape", namespace: "a", labels: selected },
    spec: { groups: [{ rules: 1 }] },
  });
  api.put("prometheusrules", ruleObject("other", "up"));
  const run = new ManagedRun();
  run.manager.apply(entries(`{api_server: ${api.url}, kinds: [PrometheusRule], selector: role=alerts}`), globalOf());
  await run.until(() => run.rules.length > 0);
  expect(run.rules).toEqual([[`prometheusRule/a/number ${ruleText("7")}`, `prometheusRule/a/ok ${ruleText("up")}`]]);
  expect(run.states).toEqual([
    "refused PrometheusRule a/bad: prometheusRule/a/bad: could not parse expression",
    "accepted PrometheusRule a/number",
    "accepted PrometheusRule a/ok",
    "refused PrometheusRule a/shape: groups[0].rules is not a list",
  ]);
  expect(run.manager.monitors.map(({ ruleFile }) => ruleFile)).toEqual([
    undefined,
    "prometheusRule/a/number",
    "prometheusRule/a/ok",
    undefined,
  ]);
  expect(run.jobs).toEqual([]);
  api.put("prometheusrules", ruleObject("bad", "up > 1", selected));
  await run.until(() => run.rules.length > 1);
  expect(run.rules.at(-1)).toHaveLength(3);
  for (const name of ["bad", "number", "ok"]) api.remove("prometheusrules", name, "a");
  await run.until(() => run.rules.at(-1)!.length === 0);
});
