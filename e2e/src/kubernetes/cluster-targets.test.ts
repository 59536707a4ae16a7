import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { type ApiObject, KubernetesApi } from "@narthex/discovery/testing";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { Authority } from "../support/certificates.ts";
import { eventually } from "../support/eventually.ts";
import { api } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { Workplace } from "../support/workplace.ts";
import { type Access, accessOf, granted, sorted } from "./access-rules.ts";
import { type ClusterObject, filesOf, objectOf, podTemplates } from "./cluster-object.ts";
import { kustomized } from "./kustomization.ts";
import { MovedContainer, moved } from "./moved-container.ts";

const absent = lacks("kubectl");

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

interface ServiceEndpoint {
  readonly namespace: string;
  readonly service: string;
  readonly pod?: string;
  readonly ip: string;
  readonly node?: string;
  readonly port: readonly [name: string, number: number];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Adds a service, its EndpointSlice and its pod to the simulated cluster. */
function put(
  cluster: KubernetesApi,
  { namespace, service, pod, ip, node = "n1", port, annotations = {} }: ServiceEndpoint,
): void {
  const ports = [{ name: port[0], port: port[1], protocol: "TCP" }];
  cluster.put("services", { metadata: { name: service, namespace, annotations }, spec: { type: "ClusterIP", ports } });
  cluster.put("endpointslices", {
    metadata: { name: `${service}-1`, namespace, labels: { "kubernetes.io/service-name": service } },
    addressType: "IPv4",
    endpoints: [
      {
        addresses: [ip],
        ...(pod === undefined ? {} : { nodeName: node, targetRef: { kind: "Pod", namespace, name: pod } }),
      },
    ],
    ports,
  });
  if (pod !== undefined) cluster.put("pods", podAt(namespace, pod, ip, node, port[1]));
}

const podAt = (
  namespace: string,
  name: string,
  ip: string,
  node: string,
  port: number,
  annotations: Readonly<Record<string, string>> = {},
): ApiObject => ({
  metadata: { name, namespace, annotations },
  spec: { nodeName: node, containers: [{ name: "c", ports: [{ containerPort: port, protocol: "TCP" }] }] },
  status: { phase: "Running", podIP: ip, hostIP: "10.1.0.1" },
});

function fill(cluster: KubernetesApi): void {
  cluster.put("nodes", {
    metadata: { name: "n1", labels: { zone: "a" } },
    status: {
      addresses: [{ type: "InternalIP", address: "10.1.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  });
  put(cluster, { namespace: "default", service: "kubernetes", ip: "10.0.0.100", port: ["https", 6443] });
  put(cluster, {
    namespace: "narthex",
    service: "server-headless",
    pod: "server-0",
    ip: "10.0.0.1",
    port: ["http", 9090],
  });
  put(cluster, {
    namespace: "narthex",
    service: "alertmanager-headless",
    pod: "alertmanager-0",
    ip: "10.0.0.2",
    port: ["http", 9093],
  });
  put(cluster, {
    namespace: "narthex-nodes",
    service: "node-exporter",
    pod: "node-exporter-x",
    ip: "10.1.0.1",
    port: ["http", 9100],
  });
  put(cluster, {
    namespace: "shop",
    service: "cart",
    pod: "cart-1",
    ip: "10.0.0.3",
    port: ["http", 80],
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "8081", "prometheus.io/path": "/m" },
  });
  put(cluster, { namespace: "shop", service: "quiet", pod: "quiet-1", ip: "10.0.0.5", port: ["http", 80] });
  const scrapeAnnotations = { "prometheus.io/scrape": "true", "prometheus.io/port": "9999" };
  cluster.put("pods", podAt("shop", "batch-1", "10.0.0.4", "n1", 80, scrapeAnnotations));
  const v6 = { "prometheus.io/scrape": "true", "prometheus.io/port": "9999", "prometheus.io/scheme": "https" };
  cluster.put("pods", podAt("shop", "batch-2", "fd00::4", "n1", 80, v6));
}

/** Expected targets by scrape job. Each line has the scrape URL and identifying labels. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  prometheus: ["http://10.0.0.1:9090/metrics server-0"],
  alertmanager: ["http://10.0.0.2:9093/metrics alertmanager-0"],
  pushgateway: ["http://pushgateway.narthex.svc:9091/metrics pushgateway.narthex.svc:9091"],
  dashboards: ["http://dashboards.narthex.svc:3000/metrics dashboards.narthex.svc:3000"],
  node: ["http://10.1.0.1:9100/metrics n1"],
  "kubernetes-api-servers": ["https://10.0.0.100:6443/metrics 10.0.0.100:6443"],
  "kubernetes-nodes": ["https://10.1.0.1:10250/metrics n1 zone=a"],
  "kubernetes-nodes-cadvisor": ["https://10.1.0.1:10250/metrics/cadvisor n1 zone=a"],
  "kubernetes-service-endpoints": ["http://10.0.0.3:8081/m 10.0.0.3:8081 namespace=shop node=n1 service=cart"],
  "kubernetes-pods": [
    "http://10.0.0.4:9999/metrics 10.0.0.4:9999 namespace=shop node=n1 pod=batch-1",
    "https://[fd00::4]:9999/metrics [fd00::4]:9999 namespace=shop node=n1 pod=batch-2",
  ],
};

interface ActiveTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
}

async function targets(base: string): Promise<Record<string, string[]>> {
  const { activeTargets } = await api<{ activeTargets: readonly ActiveTarget[] }>(base, "targets", { state: "active" });
  const found: Record<string, string[]> = {};
  for (const { scrapePool, scrapeUrl, labels } of activeTargets) {
    const { instance, job: _job, ...rest } = labels;
    const pairs = Object.entries(rest).map(([name, value]) => `${name}=${value}`);
    (found[scrapePool] ??= []).push([scrapeUrl, instance, ...pairs.toSorted()].join(" "));
  }
  for (const list of Object.values(found)) list.sort();
  return found;
}

/**
 * Returns the configuration with the simulated Kubernetes API at `url`. The scrape interval is a year, so that nothing
 * is scraped.
 */
function against(url: string, text: string): string {
  const config = parse(text) as { global: Record<string, unknown> };
  const lead = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === "kubernetes_sd_configs")
        for (const entry of child as { api_server?: string }[]) entry.api_server = url;
      else lead(child);
    }
  };
  lead(config);
  Object.assign(config.global, { scrape_interval: "1y", evaluation_interval: "1y" });
  return stringify(config);
}

/** Starts the server with the arguments of its pod. Its configuration files are linked as in a ConfigMap volume. */
async function startServer(
  workplace: Workplace,
  objects: readonly ClusterObject[],
  url: string,
): Promise<MovedContainer> {
  const { spec } = podTemplates(objects).find(({ owner }) => owner.metadata.name === "server")!;
  const container = spec.containers[0]!;
  publish(workplace, "1", against(url, filesOf(objectOf(objects, "ConfigMap", "server-config"))["prometheus.yml"]!));
  return MovedContainer.start(workplace, {
    role: "server",
    container: { ...container, args: [...container.args!, "--config.auto-reload-interval=1s"] },
    env: { POD_NAME: "server-0" },
    files: {
      "/etc/prometheus/rules/kubernetes.yml": filesOf(objectOf(objects, "ConfigMap", "server-rules"))[
        "kubernetes.yml"
      ]!,
      [`${SERVICE_ACCOUNT}/token`]: "token",
      [`${SERVICE_ACCOUNT}/ca.crt`]: new Authority(workplace.folder, "cluster").pair.cert,
    },
  });
}

const CONFIG = "/etc/prometheus/config";

/** Publishes a new version of the ConfigMap as the kubelet does: writes a new folder, and replaces the link to it. */
function publish(workplace: Workplace, version: string, text: string): void {
  workplace.write(`${CONFIG}/..${version}/prometheus.yml`, moved(text, workplace));
  mkdirSync(workplace.path(CONFIG), { recursive: true });
  symlinkSync(`..${version}`, workplace.path(CONFIG, "..data_tmp"));
  renameSync(workplace.path(CONFIG, "..data_tmp"), workplace.path(CONFIG, "..data"));
  if (version === "1") symlinkSync("..data/prometheus.yml", workplace.path(CONFIG, "prometheus.yml"));
}

test.skipIf(absent)(
  "the server finds the stack and the cluster with the rights of its roles, uses all of them, and reads a changed ConfigMap",
  async () => {
    using workplace = new Workplace();
    const objects = kustomized("overlays/single");
    const rights = granted(objects);
    const requested = new Set<Access>();
    await using cluster = await KubernetesApi.start({
      gate: (request) => {
        requested.add(accessOf(request));
        return rights.includes(accessOf(request)) ? undefined : { status: 403, reason: "Forbidden" };
      },
    });
    fill(cluster);
    await using server = await startServer(workplace, objects, cluster.url);
    await server.probed();
    await eventually("all targets", async () => expect(await targets(server.base)).toEqual(TARGETS));
    const { activeAlertmanagers } = await api<{ activeAlertmanagers: readonly { url: string }[] }>(
      server.base,
      "alertmanagers",
    );
    expect(activeAlertmanagers).toEqual([{ url: "http://10.0.0.2:9093/api/v2/alerts" }]);
    await eventually("lists and watches are all that is granted for discovery, and are granted", () => {
      const scrapes = rights.filter((right) => right.startsWith("get "));
      expect(scrapes).toEqual(["get /metrics", "get nodes/metrics"]);
      expect(sorted([...requested, ...scrapes])).toEqual(rights);
      return Promise.resolve();
    });
    const { yaml } = await api<{ yaml: string }>(server.base, "status/config");
    expect(yaml).toContain("replica: server-0");

    publish(workplace, "2", "scrape_configs: [{job_name: other, static_configs: [{targets: ['10.0.0.1:1']}]}]\n");
    await eventually("the changed configuration", async () =>
      expect(Object.keys(await targets(server.base))).toEqual(["other"]),
    );
  },
);
