import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { discoverers } from "@narthex/discovery";
import { type ApiObject, DiscovererRun, KubernetesApi } from "@narthex/discovery/testing";
import { expect, test } from "vitest";
import { eventually, Fatal } from "../support/eventually.ts";
import { root } from "../support/running.ts";
import { type Access, accessOf, granted, sorted } from "./access-rules.ts";
import { type ClusterObject, objectsIn } from "./cluster-object.ts";

const components = join(root, "deploy/kubernetes/components");
const kubernetes = discoverers.find(({ key }) => key === "kubernetes_sd_configs")!;

const rolesIn = (...names: readonly string[]): ClusterObject[] =>
  names.flatMap((name) => objectsIn(readFileSync(join(components, name, "cluster-role.yaml"), "utf8")));

/**
 * Starts a simulated Kubernetes API that grants only the permissions in the named components of deploy/kubernetes. All
 * other requests get status 403.
 */
async function guardedApi(
  ...names: readonly string[]
): Promise<{ api: KubernetesApi; requested: Set<Access>; rights: Access[] }> {
  const rights = granted(rolesIn(...names));
  const requested = new Set<Access>();
  const api = await KubernetesApi.start({
    gate: (request) => {
      const access = accessOf(request);
      requested.add(access);
      return rights.includes(access)
        ? undefined
        : { status: 403, reason: "Forbidden", message: `cannot ${access} at the cluster scope` };
    },
  });
  for (const [resource, object] of OBJECTS) api.put(resource, object);
  return { api, requested, rights };
}

const port = { name: "http", port: 80, containerPort: 80, protocol: "TCP" };
const controller = (kind: string, name: string) => [{ apiVersion: "apps/v1", kind, name, uid: "1", controller: true }];

/** Kubernetes objects, one of each kind, that describe a pod of a service and a deployment. */
const OBJECTS: readonly (readonly [resource: string, object: ApiObject])[] = [
  ["nodes", { metadata: { name: "n" }, status: { addresses: [{ type: "InternalIP", address: "10.0.0.9" }] } }],
  ["namespaces", { metadata: { name: "a", labels: { team: "x" } } }],
  ["replicasets", { metadata: { name: "web-1", namespace: "a", ownerReferences: controller("Deployment", "web") } }],
  ["jobs", { metadata: { name: "tick-1", namespace: "a", ownerReferences: controller("CronJob", "tick") } }],
  [
    "pods",
    {
      metadata: { name: "web-1-x", namespace: "a", ownerReferences: controller("ReplicaSet", "web-1") },
      spec: { nodeName: "n", containers: [{ name: "web", ports: [port] }] },
      status: { podIP: "10.0.0.1", phase: "Running" },
    },
  ],
  ["services", { metadata: { name: "web", namespace: "a" }, spec: { type: "ClusterIP", ports: [port] } }],
  [
    "endpoints",
    { metadata: { name: "web", namespace: "a" }, subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [port] }] },
  ],
  [
    "endpointslices",
    {
      metadata: { name: "web-1", namespace: "a", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["10.0.0.1"] }],
      ports: [port],
    },
  ],
  ["ingresses", { metadata: { name: "web", namespace: "a" }, spec: { rules: [{ host: "web.example.com" }] } }],
];

/**
 * Runs Kubernetes service discovery until a target was found and all granted permissions were used. Fails if a request
 * is refused.
 */
async function discover(entry: string, ...names: readonly string[]): Promise<void> {
  const { api, requested, rights } = await guardedApi(...names);
  await using _api = api;
  await using run = new DiscovererRun(kubernetes, `{api_server: ${api.url}, ${entry}}`);
  await eventually("a target", () => {
    const refused = [...requested].filter((access) => !rights.includes(access));
    if (refused.length > 0) throw new Fatal(`it may not ${refused.join(", ")}`);
    expect(run.groups.size).toBeGreaterThan(0);
    return Promise.resolve();
  });
  await eventually("every granted access is requested", () => {
    expect(rights.filter((right) => !requested.has(right))).toEqual([]);
    return Promise.resolve();
  });
  expect(sorted(requested)).toEqual(rights);
}

const DISCOVERY = readdirSync(join(components, "discovery"));

test("there is a component for each kind of discovery", () => {
  expect(DISCOVERY.toSorted()).toEqual(["endpoints", "endpointslice", "ingress", "node", "pod", "service"]);
});

test.each(DISCOVERY)(
  "role %s finds its targets with the rights of its component, and uses all of them",
  async (role) => {
    await discover(`role: ${role}`, `discovery/${role}`);
  },
);

test.each(readdirSync(join(components, "attach")))(
  "attach_metadata of a %s needs its component in addition to the role's",
  async (kind) => {
    const entry = `role: pod, attach_metadata: {${kind}: true}`;
    await discover(entry, "discovery/pod", `attach/${kind}`);
  },
);

test.each(DISCOVERY)("role %s reports the API's error about a missing right", async (role) => {
  const { api, requested } = await guardedApi();
  await using _api = api;
  await using run = new DiscovererRun(kubernetes, `{api_server: ${api.url}, role: ${role}}`);
  await eventually("a refusal", () => {
    expect(JSON.stringify(run.logger.lines)).toMatch(/cannot list \S+ at the cluster scope/);
    return Promise.resolve();
  });
  expect([...requested].filter((access) => !access.startsWith("list "))).toEqual([]);
  expect(run.groups.size).toBe(0);
});
