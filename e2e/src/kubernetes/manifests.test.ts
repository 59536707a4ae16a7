import { execFileSync, spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { lacks } from "../support/requirements.ts";
import { launcher, root } from "../support/running.ts";
import { Workplace } from "../support/workplace.ts";
import { schemaProblems } from "./api-schemas.ts";
import { type ClusterObject, filesOf, nameOf, objectOf, podTemplates } from "./cluster-object.ts";
import { kustomized, kustomizedWith, OVERLAYS } from "./kustomization.ts";
import { imageFiles, MovedContainer, moved, type Role } from "./moved-container.ts";
import { restrictedProblems } from "./pod-security.ts";
import { brokenReferences } from "./references.ts";

const absent = lacks("kubectl");

/** Returns the namespaces that enforce the Pod Security standard "restricted". */
const restricted = (objects: readonly ClusterObject[]): string[] =>
  objects
    .filter(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] === "restricted")
    .map(({ metadata }) => metadata.name);

/** Returns the files of the ConfigMap or Secret that a pod mounts at a path. */
function mountedAt(objects: readonly ClusterObject[], owner: string, mountPath: string): Record<string, string> {
  const { spec } = podTemplates(objects).find((pod) => pod.owner.metadata.name === owner)!;
  const mount = spec.containers[0]!.volumeMounts!.find((one) => one.mountPath === mountPath)!;
  const volume = spec.volumes!.find(({ name }) => name === mount.name)!;
  return volume.configMap === undefined
    ? filesOf(objectOf(objects, "Secret", volume.secret!.secretName))
    : filesOf(objectOf(objects, "ConfigMap", volume.configMap.name));
}

test.skipIf(absent).each(OVERLAYS)("overlay %s: every object conforms to the API's schemas", async (overlay) => {
  const objects = kustomized(`overlays/${overlay}`);
  expect(objects.length).toBeGreaterThan(30);
  expect(await schemaProblems(objects)).toEqual([]);
});

test.skipIf(absent).each(OVERLAYS)("overlay %s: all objects that an object names exist", (overlay) => {
  expect(brokenReferences(kustomized(`overlays/${overlay}`))).toEqual([]);
});

test.skipIf(absent).each(OVERLAYS)("overlay %s: no image can be pulled from a public registry", (overlay) => {
  const images = podTemplates(kustomized(`overlays/${overlay}`)).flatMap(({ spec }) => spec.containers);
  expect(images.filter(({ image }) => !image!.startsWith("localhost/narthex/"))).toEqual([]);
});

test.skipIf(absent).each(OVERLAYS)("overlay %s: every role but the node exporter is a restricted pod", (overlay) => {
  const objects = kustomized(`overlays/${overlay}`);
  expect(restricted(objects)).toEqual(["narthex"]);
  const outside = podTemplates(objects).filter(({ namespace }) => !restricted(objects).includes(namespace));
  expect(outside.map(({ owner }) => owner.metadata.name)).toEqual(["node-exporter"]);
  const inside = podTemplates(objects).filter((pod) => !outside.some(({ owner }) => owner === pod.owner));
  expect(inside.flatMap(restrictedProblems)).toEqual([]);
  const writable = podTemplates(objects).flatMap(({ spec }) =>
    spec.containers.filter(({ securityContext }) => securityContext?.readOnlyRootFilesystem !== true),
  );
  expect(writable).toEqual([]);
});

test.skipIf(absent)("overlay ha has more replicas, and is otherwise equal", () => {
  const [single, ha] = OVERLAYS.map((overlay) => kustomized(`overlays/${overlay}`)) as [
    ClusterObject[],
    ClusterObject[],
  ];
  const replicas = ha.flatMap((object, i) => {
    if (isDeepStrictEqual(object, single[i])) return [];
    const { replicas: count, ...spec } = object["spec"] as { replicas: number };
    expect({ ...object, spec: { ...spec, replicas: 1 } }).toEqual(single[i]);
    return [[object.metadata.name, count]];
  });
  expect(Object.fromEntries(replicas)).toEqual({ server: 2, alertmanager: 3 });
});

test.skipIf(absent)("restrictedProblems() and brokenReferences() find faults", () => {
  const objects = kustomized("overlays/single");
  const exporter = podTemplates(objects).find(({ owner }) => owner.kind === "DaemonSet")!;
  expect(restrictedProblems(exporter).map((problem) => problem.replace(/^.*?: /, ""))).toEqual([
    "hostNetwork",
    "hostPID",
    "volume proc is a hostPath",
    "volume sys is a hostPath",
    "volume root is a hostPath",
    "container node-exporter has a port of the host",
  ]);
  const without = objects.filter(
    ({ kind }) => kind !== "ConfigMap" && kind !== "ServiceAccount" && kind !== "Deployment",
  );
  expect(brokenReferences(without).join("\n")).toMatch(/there is no ConfigMap server-config/);
  expect(brokenReferences(without).join("\n")).toMatch(
    /ClusterRoleBinding .*: there is no ServiceAccount narthex\/server/,
  );
  expect(brokenReferences(without).join("\n")).toMatch(/Service narthex\/pushgateway: no pod has/);
});

test.skipIf(absent)(
  "schemaProblems() reports a missing or misspelt field, a wrong type, and an invalid value",
  async () => {
    const budget = objectOf(kustomized("overlays/single"), "PodDisruptionBudget", "server");
    const spec = budget["spec"] as object;
    const service = objectOf(kustomized("overlays/single"), "Service", "server");
    const problems = await schemaProblems([
      { ...budget, spec: { ...spec, maxUnavailble: 1 } },
      { ...budget, spec: { ...spec, minAvailable: [] } },
      { ...service, spec: { ports: [{ name: "http" }] } },
      { ...service, spec: { ports: [{ port: 1.5 }] } },
      { ...service, apiVersion: "v2" },
      { ...service, kind: "Sevice" },
    ]);
    // Expects each fault twice, from the oldest and the newest schemas, unless only one of them can detect it.
    for (const [word, times] of [
      ["maxUnavailble", 2],
      ["minAvailable", 2],
      ["is missing in type", 2],
      ["integer", 1],
      ["Sevice", 2],
    ] as const)
      expect(problems.filter((problem) => problem.includes(word)).length, word).toBeGreaterThanOrEqual(times);
    expect(problems).toContain("Service narthex/server: there is no v2 Service");
  },
);

test.each(["helm/narthex/values.yaml", "kubernetes/base/server/config/prometheus.yml"])(
  "the server's image contains the rule files that deploy/%s names",
  (path) => {
    const text = readFileSync(join(root, "deploy", path), "utf8");
    const [, folder, pattern] = /- (\/narthex\/config\/\w+)\/(\S+)/.exec(text) ?? [];
    expect(globSync(pattern!, { cwd: imageFiles("server")[folder!] ?? "/nowhere" })).toContain("host.yml");
  },
);

test("images contain no file of the starter configuration that users edit", () => {
  const dockerfile = readFileSync(join(root, "deploy/docker/Dockerfile"), "utf8");
  expect(dockerfile.match(/^COPY .*deploy\/config\S*/gm)).toEqual([
    "COPY deploy/config/rules",
    "COPY deploy/config/alert-pack",
  ]);
});

test("schemaProblems() knows the operator's objects", async () => {
  const monitor = (endpoint: object) => ({
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name: "web" },
    spec: { selector: {}, endpoints: [endpoint] },
  });
  expect(await schemaProblems([monitor({ port: "http", interval: "10s" })])).toEqual([]);
  expect((await schemaProblems([monitor({ prot: "http" })])).join()).toContain("prot");
  expect((await schemaProblems([monitor({ interval: "soon" })])).join()).toContain("pattern");
});

test.skipIf(absent)("promtool and amtool accept the configurations", () => {
  using workplace = new Workplace();
  const objects = kustomized("overlays/single");
  for (const [owner, mount] of MOUNTS) {
    for (const [name, text] of Object.entries(mountedAt(objects, owner, mount)))
      workplace.write(`${mount}/${name}`, moved(text, workplace));
  }
  for (const name of ["token", "ca.crt"]) workplace.write(`${SERVICE_ACCOUNT}/${name}`, "");
  const check = (...args: string[]): string => execFileSync(launcher, args, { encoding: "utf8" });
  expect(check("promtool", "check", "config", workplace.path("etc/prometheus/config/prometheus.yml"))).toContain(
    "SUCCESS",
  );
  expect(check("promtool", "check", "rules", workplace.path("etc/prometheus/rules/kubernetes.yml"))).toContain(
    "SUCCESS",
  );
  expect(check("amtool", "check-config", workplace.path("etc/alertmanager/config/alertmanager.yml"))).toContain(
    "SUCCESS",
  );
});

test.skipIf(absent)(
  "with the component monitors the server's configuration reads monitors, and is otherwise equal",
  async () => {
    using workplace = new Workplace();
    const [plain, objects] = [kustomized("overlays/single"), kustomizedWith("single", "monitors")];
    expect(await schemaProblems(objects)).toEqual([]);
    expect(brokenReferences(objects)).toEqual([]);
    const isNew = (object: ClusterObject) => !plain.some((other) => isDeepStrictEqual(other, object));
    expect(objects.filter(isNew).map(nameOf)).toEqual([
      "ClusterRole narthex-monitors",
      "ClusterRoleBinding narthex-monitors",
      "ConfigMap narthex/server-config",
    ]);
    const files = mountedAt(objects, "server", "/etc/prometheus/config");
    expect(Object.keys(files)).toEqual(["jobs-monitors.yml", "prometheus.yml"]);
    const check = (text: string): string => {
      workplace.write("etc/prometheus/config/jobs-monitors.yml", text);
      const config = workplace.path("etc/prometheus/config/prometheus.yml");
      const { stdout, stderr } = spawnSync(launcher, ["promtool", "check", "config", config], { encoding: "utf8" });
      return stdout + stderr;
    };
    workplace.write("etc/prometheus/config/prometheus.yml", moved(files["prometheus.yml"]!, workplace));
    for (const name of ["token", "ca.crt"]) workplace.write(`${SERVICE_ACCOUNT}/${name}`, "");
    expect(check(files["jobs-monitors.yml"]!)).toContain("SUCCESS");
    expect(check(files["jobs-monitors.yml"]!.replace("PodMonitor", "PodMonitors"))).toMatch(
      /FAILED: .*jobs-monitors\.yml:3:\d+: field kinds: unknown kind of monitor "PodMonitors"; use one of ServiceMonitor, PodMonitor, Probe/,
    );
  },
);

const SERVICE_ACCOUNT = "var/run/secrets/kubernetes.io/serviceaccount";

const MOUNTS = [
  ["server", "/etc/prometheus/config"],
  ["server", "/etc/prometheus/rules"],
  ["alertmanager", "/etc/alertmanager/config"],
  ["dashboards", "/etc/grafana/provisioning/datasources"],
  ["dashboards", "/etc/grafana/provisioning/dashboards"],
] as const;

test.skipIf(absent).each(["alertmanager", "pushgateway", "dashboards"] satisfies Role[])(
  "%s starts with the arguments and files of its pod, and its probes succeed",
  async (role) => {
    using workplace = new Workplace();
    const objects = kustomized("overlays/single");
    const { spec } = podTemplates(objects).find(({ owner }) => owner.metadata.name === role)!;
    const container = spec.containers[0]!;
    const files = MOUNTS.filter(([owner]) => owner === role).flatMap(([, mount]) =>
      Object.entries(mountedAt(objects, role, mount)).map(([name, text]) => [`${mount}/${name}`, text]),
    );
    await using run = await MovedContainer.start(workplace, {
      role,
      container: {
        ...container,
        args: (container.args ?? []).map((arg) => arg.replace("alertmanager-headless:", "localhost:")),
      },
      env: { POD_NAME: `${role}-0`, POD_IP: "127.0.0.1" },
      folders: container.volumeMounts!.map(({ mountPath }) => mountPath),
      files: Object.fromEntries(files) as Record<string, string>,
    });
    await run.probed();
    expect(run.running.stderr).not.toMatch(/level=error/i);
  },
);

test.skipIf(absent)("the node exporter starts with the arguments of its pod, and shows the host", async () => {
  using workplace = new Workplace();
  const { spec } = podTemplates(kustomized("base/node-exporter"))[0]!;
  await using run = await MovedContainer.start(workplace, {
    role: "node-exporter",
    container: spec.containers[0]!,
    env: { HOST_IP: "127.0.0.1" },
    links: { "/host/proc": "/proc", "/host/sys": "/sys", "/host/root": "/" },
  });
  await run.probed();
  const metrics = await (await run.request("/metrics")).text();
  for (const name of [
    "node_cpu_seconds_total",
    "node_filesystem_size_bytes",
    "node_network_up",
    "node_memory_MemTotal_bytes",
  ])
    expect(metrics).toMatch(new RegExp(`^${name}[ {]`, "m"));
});
