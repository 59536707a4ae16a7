import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { launcher, root } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";
import { type Access, granted, sorted } from "../access-rules.ts";
import { schemaProblems } from "../api-schemas.ts";
import { type ClusterObject, filesOf, objectOf, objectsIn, podTemplates } from "../cluster-object.ts";
import { moved, MovedContainer, type Role } from "../moved-container.ts";
import { restrictedProblems } from "../pod-security.ts";
import { brokenReferences } from "../references.ts";
import { renderChart } from "./rendered-chart.ts";

const chart = join(root, "deploy/helm/narthex");
const components = join(root, "deploy/kubernetes/components");

/** Values for the Helm chart as users of the community's Prometheus chart write them. */
const VALUES: Readonly<Record<string, string>> = {
  "the chart's own values": "",
  "every part off": `
alertmanager: {enabled: false}
prometheus-pushgateway: {enabled: false}
prometheus-node-exporter: {enabled: false}
dashboards: {enabled: false}
rbac: {create: false}
serviceAccounts: {server: {create: false}}
scrapeConfigs: {kubernetes-pods: {enabled: false}}
server: {persistentVolume: {enabled: false}, service: {enabled: false}, startupProbe: {enabled: false}}
`,
  "monitors of the cluster": `
scrapeConfigs: {}
serverFiles: {prometheus.yml: {scrape_configs: []}}
server: {kubernetesMonitors: [{selector: release=mon, service_discovery_role: endpointslice}]}
`,
  "monitors and probes of two clusters": `
server: {kubernetesMonitors: [{kinds: [PodMonitor, Probe]}, {api_server: 'https://other:6443'}]}
`,
  "an Alertmanager that reads AlertmanagerConfigs": `
alertmanager: {kubernetesConfigs: [{namespace_selector: team=a, matcher_strategy: None}]}
`,
  "a server that is seen from outside": `
nameOverride: prometheus
imagePullSecrets: [{name: registry}]
commonMetaLabels: {team: a}
serviceAccounts: {server: {name: prometheus, annotations: {a: b}}}
configmapReload: {prometheus: {enabled: true, image: {tag: v1}}}
server:
  image: {repository: registry.example.com/narthex/server, tag: '1', digest: 'sha256:0123'}
  statefulSet: {enabled: true}
  strategy: {type: Recreate}
  replicaCount: 2
  retention: 30d
  retentionSize: 40GB
  baseURL: https://example.com/prometheus
  extraFlags: [web.enable-lifecycle, web.enable-admin-api]
  extraArgs: {query.timeout: 1m, log.level: debug}
  env: [{name: TEAM, value: a}]
  global: {scrape_interval: 30s, external_labels: {cluster: x}}
  remoteWrite: [{url: 'https://write.example.com/api/v1/write'}]
  remoteRead: [{url: 'https://read.example.com/api/v1/read'}]
  tsdb: {out_of_order_time_window: 30m}
  exemplars: {max_exemplars: 1000}
  persistentVolume: {size: 100Gi, storageClass: fast, annotations: {a: b}, labels: {c: d}}
  service: {type: LoadBalancer, servicePort: 9090, loadBalancerIP: 10.0.0.1, annotations: {a: b}}
  ingress:
    enabled: true
    ingressClassName: nginx
    hosts: [example.com/prometheus, other.example.com]
    tls: [{secretName: tls, hosts: [example.com]}]
  podDisruptionBudget: {enabled: true, maxUnavailable: 1}
  resources: {requests: {cpu: 100m, memory: 1Gi}, limits: {memory: 2Gi}}
  podAnnotations: {a: b}
  podLabels: {e: f}
  nodeSelector: {disk: ssd}
  tolerations: [{operator: Exists}]
  priorityClassName: high
  hostAliases: [{ip: 10.0.0.2, hostnames: [a.example.com]}]
  extraVolumes: [{name: more, emptyDir: {}}]
  extraVolumeMounts: [{name: more, mountPath: /more}]
  extraSecretMounts: [{name: keys, mountPath: /etc/keys, secretName: keys}]
  extraConfigmapMounts: [{name: rules, mountPath: /etc/rules, configMap: rules}]
  sidecarContainers: {proxy: {image: proxy, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}}
serverFiles:
  alerting_rules.yml:
    groups: [{name: a, rules: [{alert: Down, expr: up == 0, labels: {severity: page}}]}]
  alerts: {mine: [{alert: Gone, expr: absent(up)}]}
ruleFiles:
  more.yml: {groups: []}
scrapeConfigs:
  kubernetes-nodes-cadvisor: {enabled: false}
  mine: {job_name: named, static_configs: [{targets: ['a:1']}]}
extraScrapeConfigs: |
  - job_name: extra
    honor_labels: false
    static_configs: [{targets: ['{{ .Release.Name }}:9100']}]
  - job_name: web
    kubernetes_sd_configs: [{role: ingress}]
alertRelabelConfigs:
  alert_relabel_configs: [{action: labeldrop, regex: replica}]
networkPolicy: {enabled: true}
extraManifests:
  - {apiVersion: v1, kind: Secret, metadata: {name: keys, namespace: watch}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: rules, namespace: watch}}
  - |
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: '{{ .Release.Name }}-more', namespace: watch}
alertmanager:
  replicaCount: 3
  baseURL: https://example.com/am
  config:
    global: {resolve_timeout: 5m}
    route: {receiver: team, group_by: [job]}
    receivers: [{name: team, webhook_configs: [{url: 'http://hook/'}]}, {name: default-receiver}]
  templates: {team.tmpl: "{{ define \\"a\\" }}b{{ end }}"}
  extraArgs: {log.level: debug}
  persistence: {size: 5Gi, storageClass: '-'}
  podDisruptionBudget: {maxUnavailable: 1}
  ingress: {enabled: true, className: nginx, hosts: [{host: am.example.com, paths: [{path: /am, pathType: Prefix}]}]}
prometheus-pushgateway:
  image: {registry: registry.example.com}
  persistentVolume: {enabled: true, size: 1Gi}
  extraArgs: [--log.level=debug]
prometheus-node-exporter:
  extraArgs: [--collector.systemd]
  service: {listenOnAllInterfaces: true}
dashboards:
  env: {GF_SERVER_ROOT_URL: 'https://example.com/'}
  adminSecret: admin
  ingress: {enabled: true, hosts: [{host: example.com, paths: [{path: /}]}]}
`,
  "a claim, jobs and rules from before": `
fullnameOverride: prometheus
server:
  persistentVolume: {existingClaim: prometheus-server, subPath: prometheus-db}
  useExistingClusterRoleName: prometheus
serverFiles:
  prometheus.yml:
    rule_files: [/etc/config/alerts]
    scrape_configs: [{job_name: old, kubernetes_sd_configs: [{role: endpoints}]}]
  alerts: {groups: []}
scrapeConfigs: {prometheus: {enabled: false}}
extraManifests:
  - {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: prometheus-server, namespace: watch}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Gi}}}}
  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: prometheus}, rules: []}
`,
};

const names = Object.keys(VALUES);
const render = (name: string): readonly ClusterObject[] => renderChart(VALUES[name]!).objects;
const configOf = (objects: readonly ClusterObject[]): Record<string, string> =>
  filesOf(objects.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name.endsWith("-server"))!);

interface ChartValues {
  readonly resources?: { readonly requests: object; readonly limits?: { readonly memory: string } };
}

const valuesSchema = new Ajv({ strict: false, allErrors: true }).compile(
  JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as object,
);

test.each(names)("%s: the values' schema accepts them", (name) => {
  expect(valuesSchema(parse(VALUES[name]!) ?? {}), JSON.stringify(valuesSchema.errors)).toBe(true);
  expect(
    valuesSchema(parse(readFileSync(join(chart, "values.yaml"), "utf8"))),
    JSON.stringify(valuesSchema.errors),
  ).toBe(true);
});

test.each(names)(
  "%s: every object conforms to the API's schemas, and all objects that it names exist",
  async (name) => {
    const objects = render(name);
    expect(objects.length).toBeGreaterThan(2);
    expect(await schemaProblems(objects)).toEqual([]);
    expect(brokenReferences(objects).filter((problem) => !problem.endsWith("ServiceAccount default"))).toEqual([]);
  },
);

test.each(names)("%s: every role but the node exporter is a restricted pod", (name) => {
  const others = podTemplates(render(name)).filter(({ owner }) => owner.kind !== "DaemonSet");
  expect(others.length).toBeGreaterThan(0);
  expect(others.flatMap(restrictedProblems)).toEqual([]);
});

test("docs/helm.md lists the resources of each role", () => {
  const docs = readFileSync(join(root, "docs/helm.md"), "utf8");
  const listed = [...docs.matchAll(/^\| `([\w-]+)\.resources` +\| (\w+) +\| (\w+) +\| (\w+) +\| \d+ +\|$/gm)].map(
    ([, role, cpu, memory, limit]) => [role, { requests: { cpu, memory } }, limit],
  );
  const values = parse(readFileSync(join(chart, "values.yaml"), "utf8")) as Readonly<Record<string, ChartValues>>;
  const roles = Object.entries(values).flatMap(([role, { resources }]) => {
    if (resources === undefined) return [];
    const { limits, ...requests } = resources;
    return [[role, requests, limits?.memory ?? "none"]];
  });
  expect(roles).toHaveLength(5);
  expect(listed).toEqual(roles);
});

test.each(names)("%s: promtool and amtool accept the configurations", (name) => {
  using workplace = new Workplace();
  const objects = render(name);
  const check = (...args: string[]): string => execFileSync(launcher, args, { encoding: "utf8" });
  for (const [file, text] of Object.entries(configOf(objects)))
    workplace.write(`etc/config/${file}`, moved(text, workplace));
  for (const file of ["token", "ca.crt"]) workplace.write(`var/run/secrets/kubernetes.io/serviceaccount/${file}`, "");
  expect(check("promtool", "check", "config", workplace.path("etc/config/prometheus.yml"))).toContain("SUCCESS");
  const alertmanager = objects.find(
    ({ kind, metadata }) => kind === "Secret" && metadata.name.endsWith("-alertmanager"),
  );
  if (alertmanager === undefined) return;
  for (const [file, text] of Object.entries(filesOf(alertmanager)))
    workplace.write(`etc/alertmanager/${file}`, moved(text, workplace));
  expect(check("amtool", "check-config", workplace.path("etc/alertmanager/alertmanager.yml"))).toContain("SUCCESS");
});

/** Returns the service discovery roles (such as `pod`) of all kubernetes_sd_configs in a configuration. */
function rolesIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === "kubernetes_sd_configs" ? (child as { role: string }[]).map(({ role }) => role) : rolesIn(child),
  );
}

/**
 * Returns the API permissions that monitor objects (such as ServiceMonitor) may need. A monitor object chooses its
 * service discovery role, so the permissions of all roles are included.
 */
function monitorAccess(config: { kubernetes_monitor_configs?: readonly { kinds?: readonly string[] }[] }): Access[] {
  const entries = config.kubernetes_monitor_configs ?? [];
  if (entries.length === 0) return [];
  const probes = entries.some(({ kinds = [] }) => kinds.includes("Probe"));
  const parts = ["monitors", ...["endpoints", "endpointslice", "pod", "node"].map((role) => `discovery/${role}`)];
  return [
    ...[...parts, ...(probes ? ["discovery/ingress"] : [])].flatMap((part) =>
      granted(objectsIn(readFileSync(join(components, part, "cluster-role.yaml"), "utf8"))),
    ),
    ...(probes ? ["list probes.monitoring.coreos.com", "watch probes.monitoring.coreos.com"] : []),
  ];
}

test.each(names)("%s: the ClusterRole grants exactly the accesses that discovery and monitors need", (name) => {
  const objects = render(name);
  const own = objects.filter(
    ({ kind, metadata }) =>
      kind === "ClusterRole" && metadata.name !== "prometheus" && !metadata.name.endsWith("-alertmanager"),
  );
  if (own.length === 0) return;
  const config = parse(configOf(objects)["prometheus.yml"]!) as Parameters<typeof monitorAccess>[0];
  const roles = rolesIn(config);
  expect(roles.length).toBeGreaterThan(0);
  const required = [
    ...roles.flatMap((role) =>
      granted(objectsIn(readFileSync(join(components, "discovery", role, "cluster-role.yaml"), "utf8"))),
    ),
    ...monitorAccess(config),
  ];
  expect(granted(own)).toEqual(sorted([...required, "get /metrics", "get nodes/metrics"]));
});

test("the Alertmanager has a token and access to the API only if it reads AlertmanagerConfigs", () => {
  const accessOfRole = (name: string) => {
    const objects = render(name);
    const pod = podTemplates(objects).find(({ owner }) => owner.metadata.name.endsWith("-alertmanager"))!;
    const { automountServiceAccountToken, serviceAccountName } = pod.spec as {
      automountServiceAccountToken?: boolean;
      serviceAccountName?: string;
    };
    const roles = objects.filter(
      ({ kind, metadata }) => kind === "ClusterRole" && metadata.name.endsWith("-alertmanager"),
    );
    return { automountServiceAccountToken, serviceAccountName, granted: granted(roles) };
  };
  expect(accessOfRole("the chart's own values")).toEqual({
    automountServiceAccountToken: false,
    serviceAccountName: undefined,
    granted: [],
  });
  expect(accessOfRole("an Alertmanager that reads AlertmanagerConfigs")).toEqual({
    automountServiceAccountToken: true,
    serviceAccountName: expect.stringMatching(/-alertmanager$/),
    granted: sorted(
      ["alertmanagerconfigs.monitoring.coreos.com", "namespaces"].flatMap((what) => [`list ${what}`, `watch ${what}`]),
    ),
  });
});

test("values appear in the right places", () => {
  const objects = render("a server that is seen from outside");
  const server = podTemplates(objects).find(({ owner }) => owner.metadata.name === "mon-prometheus-server")!;
  const [container] = server.spec.containers;
  expect(container!.image).toBe("registry.example.com/narthex/server@sha256:0123");
  expect(container!.args).toEqual([
    "--config.file=/etc/config/prometheus.yml",
    "--config.auto-reload",
    "--storage.tsdb.path=/data",
    "--storage.tsdb.retention.time=30d",
    "--storage.tsdb.retention.size=40GB",
    "--web.external-url=https://example.com/prometheus",
    "--web.route-prefix=/prometheus",
    "--web.enable-lifecycle",
    "--web.enable-admin-api",
    "--log.level=debug",
    "--query.timeout=1m",
  ]);
  expect(container!.readinessProbe!.httpGet!.path).toBe("/prometheus/-/ready");
  const config = parse(configOf(objects)["prometheus.yml"]!) as {
    global: object;
    scrape_configs: { job_name: string; honor_labels?: boolean; static_configs?: { targets: string[] }[] }[];
    alerting: object;
    storage: object;
  };
  expect(config.global).toMatchObject({
    scrape_interval: "30s",
    scrape_timeout: "10s",
    external_labels: { cluster: "x" },
  });
  const jobs = config.scrape_configs.map(({ job_name: job }) => job);
  expect(jobs).toEqual(expect.arrayContaining(["prometheus", "kubernetes-pods", "named", "extra", "web"]));
  expect(jobs).not.toContain("kubernetes-nodes-cadvisor");
  const extra = config.scrape_configs.find(({ job_name: job }) => job === "extra")!;
  expect(extra).toMatchObject({ honor_labels: false, static_configs: [{ targets: ["mon:9100"] }] });
  expect(config.alerting).toMatchObject({
    alert_relabel_configs: [{ action: "labeldrop" }],
    alertmanagers: [{ path_prefix: "/am" }],
  });
  expect(config.storage).toEqual({ tsdb: { out_of_order_time_window: "30m" }, exemplars: { max_exemplars: 1000 } });
  expect(parse(configOf(objects)["alerts"]!)).toEqual({
    groups: [{ name: "mine.rules", rules: [{ alert: "Gone", expr: "absent(up)" }] }],
  });
  const ingress = objectOf(objects, "Ingress", "mon-prometheus-server");
  const { rules } = ingress["spec"] as { rules: { host: string; http: { paths: { path: string }[] } }[] };
  expect(rules.map(({ host, http }) => [host, http.paths[0]!.path])).toEqual([
    ["example.com", "/prometheus"],
    ["other.example.com", "/"],
  ]);
  const managers = podTemplates(objects).find(({ owner }) => owner.metadata.name === "mon-prometheus-alertmanager")!;
  expect(managers.spec.containers[0]!.args).toContain("--cluster.peer=mon-prometheus-alertmanager-headless:9094");
  expect(renderChart("").notes).toContain("kubectl -n watch port-forward service/mon-narthex-dashboards 3000:3000");
});

test.each([
  ["server: {daemonSet: {enabled: true}}", "server.daemonSet.enabled: a server on each node is not built"],
  ["server: {verticalAutoscaler: {enabled: true}}", "server.verticalAutoscaler.enabled: not built"],
  ["server: {namespaces: [a]}", "server.namespaces: not built; set rbac.create to false"],
  ["server: {configFromSecret: a, configMapOverrideName: b}", "take one of them"],
  [
    "server: {route: {main: {enabled: true}}}",
    "server.route.main.enabled: not built; put an HTTPRoute into extraManifests",
  ],
  ["server: {ingress: {enabled: true}}", "server.ingress.hosts: name the hosts"],
  ["alertmanager: {route: {main: {enabled: true}}}", "alertmanager.route.main.enabled: not built"],
  ["alertmanager: {serviceMonitor: {enabled: true}}", "alertmanager.serviceMonitor.enabled: not built"],
  ["prometheus-node-exporter: {kubeRBACProxy: {enabled: true}}", "kubeRBACProxy.enabled: not built"],
  ["kube-state-metrics: {enabled: true}", "install the chart prometheus-community/kube-state-metrics"],
])("%s is refused with what to do instead", (values, sentence) => {
  expect(valuesSchema(parse(values))).toBe(true);
  expect(() => renderChart(values)).toThrow(sentence);
});

test.each([
  ["server: {retain: 1d}", "/server"],
  ["server: {replicaCount: two}", "/server/replicaCount"],
  ["alertmanagers: {}", ""],
  ["prometheus-pushgateway: {replicaCount: 2}", "/prometheus-pushgateway/replicaCount"],
])("%s is refused by the values' schema", (values, place) => {
  expect(valuesSchema(parse(values))).toBe(false);
  expect(valuesSchema.errors!.map(({ instancePath }) => instancePath)).toContain(place);
});

test.each(["server", "alertmanager", "pushgateway", "dashboards"] satisfies Role[])(
  "%s starts with the arguments and files of the chart's pod, and its probes succeed",
  async (role) => {
    using workplace = new Workplace();
    const objects = render("the chart's own values");
    const { spec } = podTemplates(objects).find(({ owner }) => owner.metadata.name === `mon-narthex-${role}`)!;
    const [container] = spec.containers;
    const files = ((container!.volumeMounts ?? []) as readonly Mount[]).flatMap(
      ({ name, mountPath, subPath }): [string, string][] => {
        const volume = spec.volumes?.find((one) => one.name === name);
        const { configMap, secret } = volume ?? {};
        if (configMap === undefined && secret === undefined) return [];
        const object =
          configMap === undefined
            ? objectOf(objects, "Secret", secret!.secretName)
            : objectOf(objects, "ConfigMap", configMap.name);
        const found = Object.entries(filesOf(object));
        return subPath === undefined
          ? found.map(([file, text]) => [`${mountPath}/${file}`, text])
          : found.filter(([file]) => file === subPath).map(([, text]) => [mountPath, text]);
      },
    );
    await using run = await MovedContainer.start(workplace, {
      role,
      container: container!,
      env: { POD_NAME: `${role}-0`, POD_IP: "127.0.0.1" },
      folders: ["/data", "/alertmanager", "/var/lib/grafana"],
      files: Object.fromEntries(files),
    });
    await run.probed();
  },
);

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}

test("no image of the default values can be pulled from a public registry, and every container requests resources", () => {
  const containers = podTemplates(renderChart("").objects).flatMap(({ spec }) => spec.containers);
  expect(containers.filter(({ image }) => !image!.startsWith("localhost/narthex/"))).toEqual([]);
  expect(containers.filter((container) => !JSON.stringify(container).includes('"requests"'))).toEqual([]);
});

test("the Alertmanager reads a Secret of the user, and the chart then has no configuration", () => {
  const { objects } = renderChart("alertmanager: {configFromSecret: mine}");
  const managers = podTemplates(objects).find(({ owner }) => owner.metadata.name.endsWith("-alertmanager"))!;
  expect(managers.spec.volumes).toContainEqual({ name: "config", secret: { secretName: "mine" } });
  expect(objects.filter(({ kind, metadata }) => kind === "Secret" && metadata.name.endsWith("-alertmanager"))).toEqual(
    [],
  );
});

test("docs/helm.md describes every value", () => {
  const page = readFileSync(join(root, "docs/helm.md"), "utf8");
  const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as Schema;
  const keys = Object.entries(schema.properties!).flatMap(([part, { properties, additionalProperties }]) =>
    properties === undefined || additionalProperties !== false ? [part] : [part, ...Object.keys(properties)],
  );
  expect([...new Set(keys)].filter((key) => !page.includes(`\`${key}`) && !page.includes(`.${key}`))).toEqual([]);
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: unknown;
}
