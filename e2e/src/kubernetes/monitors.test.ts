import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type ApiObject, KubernetesApi } from "@narthex/discovery/testing";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { eventually } from "../support/eventually.ts";
import { onLoopback } from "../support/loopback.ts";
import { api } from "../support/query.ts";
import { root } from "../support/running.ts";
import { serve } from "../support/serving.ts";
import { Workplace } from "../support/workplace.ts";
import { schemaProblems } from "./api-schemas.ts";
import { type Access, accessOf, granted, sorted } from "./access-rules.ts";
import { objectsIn } from "./cluster-object.ts";

const components = join(root, "deploy/kubernetes/components");

/**
 * API permissions that the repository's manifests grant, and the permission to read the Secret that a monitor object
 * names.
 */
const RIGHTS: readonly Access[] = sorted([
  ...["monitors", "discovery/endpointslice", "discovery/pod"].flatMap((name) =>
    granted(objectsIn(readFileSync(join(components, name, "cluster-role.yaml"), "utf8"))),
  ),
  "list secrets",
  "watch secrets",
]);

/** Starts a scrape target that requires the password in `words`. The test may change the password. */
async function guardedTarget(words: { password: string }) {
  const server = createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`me:${words.password}`).toString("base64")}`;
    const isKnown = request.headers.authorization === wanted;
    response.writeHead(isKnown ? 200 : 401, { "content-type": "text/plain; version=0.0.4" });
    response.end("# TYPE x gauge\nx 1\n");
  });
  return onLoopback(server);
}

const encoded = (text: string): string => Buffer.from(text).toString("base64");
const secret = (password: string): ApiObject => ({
  metadata: { name: "login", namespace: "shop" },
  data: { user: encoded("me"), password: encoded(password) },
});

/** Adds a Kubernetes service with one pod to the simulated cluster. The pod's port is a port of this machine. */
function putService(cluster: KubernetesApi, port: number): void {
  const ports = [{ name: "http", port, containerPort: port, protocol: "TCP" }];
  const labels = { app: "cart", team: "blue" };
  cluster.put("services", {
    metadata: { name: "cart", namespace: "shop", labels },
    spec: { type: "ClusterIP", ports },
  });
  cluster.put("endpointslices", {
    metadata: { name: "cart-1", namespace: "shop", labels: { "kubernetes.io/service-name": "cart" } },
    addressType: "IPv4",
    endpoints: [{ addresses: ["127.0.0.1"], targetRef: { kind: "Pod", namespace: "shop", name: "cart-x" } }],
    ports,
  });
  cluster.put("pods", {
    metadata: { name: "cart-x", namespace: "shop", labels },
    spec: { nodeName: "n1", containers: [{ name: "c", ports }] },
    status: { phase: "Running", podIP: "127.0.0.1", hostIP: "127.0.0.1" },
  });
}

const reference = (key: string) => ({ name: "login", key });
const OPERATED = "monitoring.coreos.com/v1";
const basicAuth = { username: reference("user"), password: reference("password") };
const selector = { matchLabels: { app: "cart" } };
const serviceMonitor = (name: string, endpoint: object) => ({
  apiVersion: OPERATED,
  kind: "ServiceMonitor",
  metadata: { name, namespace: "shop" },
  spec: { selector, targetLabels: ["team"], endpoints: [{ port: "http", basicAuth, ...endpoint }] },
});
const podMonitor = (name: string) => ({
  apiVersion: OPERATED,
  kind: "PodMonitor",
  metadata: { name, namespace: "shop" },
  spec: { selector, podMetricsEndpoints: [{ port: "http", basicAuth }] },
});

interface Target {
  readonly scrapePool: string;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

const targetsOf = async (base: string): Promise<readonly Target[]> =>
  (await api<{ activeTargets: readonly Target[] }>(base, "targets", { state: "active" })).activeTargets;

const healthOf = async (base: string): Promise<Record<string, string>> =>
  Object.fromEntries((await targetsOf(base)).map(({ scrapePool, health }) => [scrapePool, health]));

const statesOf = async (base: string): Promise<string[]> => {
  const { monitors } = await api<{ monitors: readonly Record<string, string>[] }>(base, "narthex/kubernetes-monitors");
  return monitors.map(({ state, kind, namespace, name }) => `${state} ${kind} ${namespace}/${name}`);
};

test("monitors are scraped while they exist, with the current password; an invalid one is reported, and does not affect the others", async () => {
  using workplace = new Workplace();
  const words = { password: "one" };
  await using target = await guardedTarget(words);
  const requested = new Set<Access>();
  await using cluster = await KubernetesApi.start({
    gate: (request) => {
      requested.add(accessOf(request));
      return RIGHTS.includes(accessOf(request)) ? undefined : { status: 403, reason: "Forbidden" };
    },
  });
  putService(cluster, target.port);
  cluster.put("secrets", secret("one"));
  cluster.put("servicemonitors", serviceMonitor("cart", {}));
  cluster.put("servicemonitors", serviceMonitor("hasty", { interval: "1s", scrapeTimeout: "2s" }));
  workplace.write("jobs-monitors.yml", stringify({ kubernetes_monitor_configs: [entryOf(cluster.url)] }));
  await using server = await serve("narthex", workplace, "data", {
    config: stringify({
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_config_files: ["jobs-*.yml"],
      scrape_configs: [{ job_name: "own", static_configs: [{ targets: [`127.0.0.1:${target.port}`] }] }],
    }),
    flags: ["--scrape.discovery-reload-interval=1s", "--web.enable-lifecycle"],
  });
  const { base } = server;

  await eventually("a ServiceMonitor's target", async () =>
    expect(await healthOf(base)).toEqual({ own: "down", "serviceMonitor/shop/cart/0": "up" }),
  );
  const [found] = (await targetsOf(base)).filter(({ scrapePool }) => scrapePool !== "own");
  expect(found!.labels).toEqual({
    container: "c",
    endpoint: "http",
    instance: `127.0.0.1:${target.port}`,
    job: "cart",
    namespace: "shop",
    pod: "cart-x",
    service: "cart",
    team: "blue",
  });
  expect(await statesOf(base)).toEqual(["accepted ServiceMonitor shop/cart", "refused ServiceMonitor shop/hasty"]);
  const notices = await api<readonly { text: string }[]>(base, "notifications");
  expect(notices.map(({ text }) => text).join()).toMatch(
    /ServiceMonitor shop\/hasty is refused: endpoints\[0\]: scrape timeout greater than scrape interval/,
  );
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toMatch(/^narthex_kubernetes_monitors\{kind="ServiceMonitor",state="refused"\} 1$/m);
  const shown = await shownConfig(base);
  for (const part of ["role: endpointslice", `api_server: ${cluster.url}`, "password: <secret>"])
    expect(shown).toContain(part);

  cluster.put("podmonitors", podMonitor("pods"));
  await eventually("a PodMonitor that comes later", async () =>
    expect(await healthOf(base)).toMatchObject({ "podMonitor/shop/pods/0": "up", "serviceMonitor/shop/cart/0": "up" }),
  );

  words.password = "two";
  await eventually("the old password is refused", async () =>
    expect(await healthOf(base)).toMatchObject({
      "podMonitor/shop/pods/0": "down",
      "serviceMonitor/shop/cart/0": "down",
    }),
  );
  cluster.put("secrets", secret("two"));
  await eventually("the new password is used", async () =>
    expect(await healthOf(base)).toMatchObject({ "podMonitor/shop/pods/0": "up", "serviceMonitor/shop/cart/0": "up" }),
  );

  expect((await fetch(`${base}/-/reload`, { method: "POST" })).status).toBe(200);
  expect(Object.keys(await healthOf(base)).toSorted()).toEqual([
    "own",
    "podMonitor/shop/pods/0",
    "serviceMonitor/shop/cart/0",
  ]);

  cluster.remove("servicemonitors", "cart", "shop");
  cluster.remove("podmonitors", "pods", "shop");
  await eventually("monitors that go take their jobs along", async () =>
    expect(await healthOf(base)).toEqual({ own: "down" }),
  );
  expect(sorted(requested)).toEqual(RIGHTS);
});

const entryOf = (url: string) => ({ api_server: url, service_discovery_role: "endpointslice" });

const shownConfig = async (base: string): Promise<string> =>
  (await api<{ yaml: string }>(base, "scrape_pools/config", { scrapePool: "serviceMonitor/shop/cart/0" })).yaml;

test("the monitors of this test conform to the operator's definitions", async () => {
  expect(await schemaProblems([serviceMonitor("cart", {}), podMonitor("pods")])).toEqual([]);
});
