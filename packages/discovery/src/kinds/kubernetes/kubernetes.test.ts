import { expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { kubernetesDiscoverer } from "./kubernetes.ts";
import { type ApiObject, KubernetesApi, type KubernetesApiOptions } from "./testing/kubernetes-api.ts";

async function serveApi(options: KubernetesApiOptions = {}): Promise<KubernetesApi> {
  const api = await KubernetesApi.start(options);
  onTestFinished(() => api[Symbol.asyncDispose]());
  return api;
}

/** Starts a discoverer. */
function discover(api: KubernetesApi, yaml: string): DiscovererRun {
  const run = new DiscovererRun(kubernetesDiscoverer, `api_server: ${api.url}\n${yaml}`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

const pod = (name: string, more: { node?: string; owner?: readonly [kind: string, name: string] } = {}): ApiObject => ({
  metadata: {
    name,
    namespace: "a",
    ...(more.owner === undefined
      ? {}
      : { ownerReferences: [{ kind: more.owner[0], name: more.owner[1], controller: true }] }),
  },
  spec: { nodeName: more.node ?? "n1", containers: [{ name: "c", ports: [{ containerPort: 80 }] }] },
  status: { podIP: "10.0.0.1", phase: "Running" },
});

const owned = (name: string, kind: string, owner: string): ApiObject => ({
  metadata: { name, namespace: "a", ownerReferences: [{ kind, name: owner, controller: true }] },
});

async function until(run: DiscovererRun, happened: () => boolean): Promise<void> {
  while (!happened()) await run.next();
}

const groupLabel = (run: DiscovererRun, source: string, name: string): string | undefined =>
  run.groups.get(source)?.labels.get(`__meta_kubernetes_${name}`);

test("a change of a pod rebuilds only its own group", async () => {
  const api = await serveApi();
  for (const name of ["a", "b", "c"]) api.put("pods", pod(name));
  const run = discover(api, "role: pod");
  expect((await run.next()).map(({ source }) => source)).toEqual(["pod/a/a", "pod/a/b", "pod/a/c"]);
  await api.until(() => api.watches.length === 1);
  api.put("pods", pod("b", { node: "n2" }));
  expect((await run.next()).map(({ source }) => source)).toEqual(["pod/a/b"]);
  api.remove("pods", "c", "a");
  expect(await run.next()).toMatchObject([{ source: "pod/a/c", targets: [] }]);
  expect([...run.groups.keys()]).toEqual(["pod/a/a", "pod/a/b"]);
});

test("a change of fields that are not kept changes no group", async () => {
  const api = await serveApi();
  api.put("pods", pod("a"));
  const run = discover(api, "role: pod");
  await run.next();
  await api.until(() => api.watches.length === 1);
  api.put("pods", { ...pod("a"), status: { podIP: "10.0.0.1", phase: "Running", startTime: "now" } });
  api.put("pods", pod("z"));
  expect((await run.next()).map(({ source }) => source)).toEqual(["pod/a/z"]);
});

test("attached nodes add labels, follow their changes, and pods on unknown nodes are omitted", async () => {
  const api = await serveApi();
  const node = (zone: string): ApiObject => ({ metadata: { name: "n1", labels: { zone } } });
  api.put("nodes", node("x"));
  api.put("pods", pod("a"));
  api.put("pods", pod("b", { node: "n2" }));
  const run = discover(api, "role: pod\nattach_metadata: {node: true}\nselectors: [{role: node, label: zone}]");
  await run.next();
  expect([...run.groups.keys()]).toEqual(["pod/a/a"]);
  expect(groupLabel(run, "pod/a/a", "node_label_zone")).toBe("x");
  await api.until(() => api.watches.length === 2);
  expect(api.requests.filter(({ resource }) => resource === "nodes")[0]).toMatchObject({
    query: { labelSelector: "zone" },
    headers: { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json" },
  });
  api.put("nodes", node("y"));
  expect((await run.next()).map(({ source }) => source)).toEqual(["pod/a/a"]);
  expect(groupLabel(run, "pod/a/a", "node_label_zone")).toBe("y");
  api.put("nodes", { metadata: { name: "n2", labels: { zone: "z" } } });
  await until(run, () => run.groups.has("pod/a/b"));
  api.remove("nodes", "n1");
  await until(run, () => !run.groups.has("pod/a/a"));
});

test("deployments, jobs, cron jobs and namespaces are attached", async () => {
  const api = await serveApi();
  api.put("namespaces", { metadata: { name: "a", labels: { team: "t" }, annotations: { note: "" } } });
  api.put("pods", pod("web", { owner: ["ReplicaSet", "web-1"] }));
  api.put("pods", pod("tick", { owner: ["Job", "tick-1"] }));
  api.put("jobs", owned("tick-1", "CronJob", "tick"));
  const yaml = "role: pod\nattach_metadata: {deployment: true, job: true, cronjob: true, namespace: true}";
  const run = discover(api, yaml);
  await run.next();
  expect(groupLabel(run, "pod/a/tick", "pod_job_name")).toBe("tick-1");
  expect(groupLabel(run, "pod/a/tick", "pod_cronjob_name")).toBe("tick");
  expect(groupLabel(run, "pod/a/tick", "namespace_label_team")).toBe("t");
  expect(groupLabel(run, "pod/a/tick", "namespace_annotationpresent_note")).toBe("true");
  expect(groupLabel(run, "pod/a/web", "pod_deployment_name")).toBe("");
  await api.until(() => api.watches.length === 4);
  api.put("replicasets", owned("web-1", "Deployment", "web"));
  expect((await run.next()).map(({ source }) => source)).toEqual(["pod/a/web"]);
  expect(groupLabel(run, "pod/a/web", "pod_deployment_name")).toBe("web");
});

test("endpoints follow changes of their service, their pods and the pods' controllers", async () => {
  const api = await serveApi();
  const yaml = "role: endpoints\nattach_metadata: {deployment: true}";
  api.put("pods", pod("web", { owner: ["ReplicaSet", "web-1"] }));
  const targetRef = { kind: "Pod", namespace: "a", name: "web" };
  const subsets = [{ addresses: [{ ip: "10.0.0.1", targetRef }], ports: [{ port: 80 }] }];
  api.put("endpoints", { metadata: { name: "web", namespace: "a" }, subsets });
  api.put("endpoints", { metadata: { name: "other", namespace: "a" }, subsets: [] });
  const run = discover(api, yaml);
  await run.next();
  await api.until(() => api.watches.length === 4);
  const target = (name: string) => run.groups.get("endpoints/a/web")!.targets[0]!.get(`__meta_kubernetes_${name}`);
  expect(groupLabel(run, "endpoints/a/web", "service_name")).toBe("");
  for (const [resource, object, seen] of [
    [
      "services",
      { metadata: { name: "web", namespace: "a" } },
      () => groupLabel(run, "endpoints/a/web", "service_name"),
    ],
    ["replicasets", owned("web-1", "Deployment", "web"), () => target("pod_deployment_name")],
  ] as const) {
    api.put(resource, object);
    expect((await run.next()).map(({ source }) => source)).toEqual(["endpoints/a/web"]);
    expect(seen()).toBe("web");
  }
  api.put("pods", { ...pod("web"), status: { podIP: "10.0.0.1", phase: "Failed" } });
  expect((await run.next()).map(({ source }) => source)).toEqual(["endpoints/a/web"]);
  expect(target("pod_phase")).toBe("Failed");
});

test("a namespace that may not be read does not delay the others", async () => {
  const api = await serveApi({
    gate: ({ namespace }) => (namespace === "b" ? { status: 403, message: "pods is forbidden" } : undefined),
  });
  api.put("pods", pod("a"));
  const run = discover(api, "role: pod\nnamespaces: {names: [a, b, a]}");
  await run.next();
  expect([...run.groups.keys()]).toEqual(["pod/a/a"]);
  expect(api.requests.filter(({ namespace, isWatch }) => namespace === "a" && !isWatch)).toHaveLength(1);
  while (run.logger.lines.length === 0) await run.clock.advance(10);
  expect(run.logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["Listing and watching pods of namespace b failed", "pods is forbidden"],
  ]);
  expect((await run.metrics.kubernetesFailures.get()).values[0]!.value).toBe(1);
});

test("no group is sent until all kinds of objects that groups use have been listed", async () => {
  let held = true;
  const api = await serveApi({
    gate: ({ resource }) => (resource === "pods" && held ? { status: 503 } : undefined),
  });
  const subsets = [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }];
  api.put("endpoints", { metadata: { name: "web", namespace: "a" }, subsets });
  const run = discover(api, "role: endpoints");
  await api.until(() => api.watches.length === 2);
  expect(run.groups.size).toBe(0);
  held = false;
  while (run.groups.size === 0) await run.clock.advance(10);
  expect((await run.next()).map(({ source }) => source)).toEqual(["endpoints/a/web"]);
});

test("events are counted by role, and every combination exists from the start", async () => {
  const api = await serveApi();
  api.put("services", { metadata: { name: "s", namespace: "a" }, spec: { ports: [{ port: 1 }] } });
  const run = discover(api, "role: service");
  await run.next();
  await api.until(() => api.watches.length === 1);
  api.put("services", { metadata: { name: "s", namespace: "a" }, spec: { ports: [{ port: 2 }] } });
  await run.next();
  api.remove("services", "s", "a");
  await run.next();
  const { values } = await run.metrics.kubernetesEvents.get();
  expect(values).toHaveLength(18);
  expect(values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels, value])).toEqual([
    [{ role: "service", event: "add" }, 1],
    [{ role: "service", event: "delete" }, 1],
    [{ role: "service", event: "update" }, 1],
  ]);
});

test("requests are counted by status, lists timed by endpoint without the namespace's name", async () => {
  let refused = 1;
  const api = await serveApi({ gate: () => (refused-- > 0 ? { status: 503 } : undefined) });
  api.put("pods", pod("a"));
  const run = discover(api, "role: pod\nnamespaces: {names: [a]}");
  while (run.groups.size === 0) await run.clock.advance(10);
  await api.until(() => api.watches.length === 1);
  const requests = async () =>
    Object.fromEntries(
      (await run.metrics.kubernetesRequests.get()).values.map(({ labels, value }) => [labels.status_code, value]),
    );
  while ((await requests())["200"] !== 2) await run.clock.advance(0);
  expect(await requests()).toEqual({ "200": 2, "503": 1 });
  const families = await run.self.families();
  const timed = families.find(({ name }) => name === "prometheus_sd_kubernetes_http_request_duration_seconds")!;
  expect(timed.samples.map(({ suffix, labels }) => [suffix, ...labels])).toEqual(
    ["_sum", "_count"].map((suffix) => [suffix, "endpoint", "/api/v1/namespaces/%7Bnamespace%7D/pods"]),
  );
  expect(timed.samples[1]!.value).toBe(2);
});

test("a node without an address is logged", async () => {
  const api = await serveApi();
  api.put("nodes", { metadata: { name: "n1" }, status: {} });
  api.put("nodes", { metadata: { name: "n2" }, status: { addresses: [{ type: "Hostname", address: "n2" }] } });
  const run = discover(api, "role: node");
  expect((await run.next()).map(({ source }) => source)).toEqual(["node/n2"]);
  expect(run.logger.lines).toMatchObject([{ message: "No address found", fields: { object: "n1" } }]);
});
