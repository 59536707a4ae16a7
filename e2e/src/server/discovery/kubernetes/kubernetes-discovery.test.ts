import { KubernetesApi } from "@narthex/discovery/testing";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../../support/random.ts";
import { eventually } from "../../../support/eventually.ts";
import { RandomCluster } from "./kubernetes-cluster.ts";
import { lacks } from "../../../support/requirements.ts";
import { serve } from "../../../support/serving.ts";
import { Workplace } from "../../../support/workplace.ts";

type LabelSet = Readonly<Record<string, string>>;

const seed = testSeed(5);

/** Scrape jobs by name. The value is the part of the job's kubernetes_sd_configs entry that follows `api_server`. */
const JOBS: Readonly<Record<string, string>> = {
  node: "role: node",
  service: "role: service",
  pod: "role: pod",
  "pod-node": "role: pod, attach_metadata: {node: true}",
  "pod-some":
    "role: pod, namespaces: {names: [team-a, default]}, selectors: [{role: pod, label: app=web, field: status.phase!=Failed}]",
  endpoints: "role: endpoints",
  "endpoints-node": "role: endpoints, attach_metadata: {node: true}",
  "endpoints-some":
    "role: endpoints, namespaces: {names: [team-a]}, selectors: [{role: pod, label: app=web}, {role: service, label: 'app in (web, api)'}]",
  slice: "role: endpointslice",
  "slice-node": "role: endpointslice, attach_metadata: {node: true}",
  ingress: "role: ingress",
  "ingress-some": "role: ingress, namespaces: {names: [team-b, team-a]}",
};

/**
 * Returns the configuration of both servers. Targets are never scraped: the interval is a year, and the proxy does not
 * exist. All labels are kept, so that all targets differ.
 */
const config = (api: string): string =>
  `global: {scrape_interval: 1y, scrape_timeout: 1s}\nscrape_configs:\n${Object.entries(JOBS)
    .map(
      ([name, rest]) =>
        `- job_name: ${name}\n  proxy_url: http://127.0.0.1:1\n  kubernetes_sd_configs: [{api_server: '${api}', ${rest}}]\n` +
        `  relabel_configs: [{action: labelmap, regex: __meta_(.+)}]\n`,
    )
    .join("")}`;

/**
 * Differences in labels or targets between Prometheus 3.14, which our server follows, and the compared version 3.5.
 * Each entry removes one difference from the results.
 */
const KNOWN_DIFFERENCES: readonly {
  readonly reason: string;
  readonly same: (target: LabelSet, job: string) => LabelSet | undefined;
}[] = [
  {
    reason: "3.8 shows every condition of a node",
    same: (target) =>
      Object.fromEntries(
        Object.entries(target).filter(([name]) => !name.startsWith("__meta_kubernetes_node_condition_")),
      ),
  },
  {
    reason: "3.14 leaves out pods on nodes that are not known, where nodes are attached: node selectors left them out",
    same: (target, job) =>
      job === "pod-node" && target["__meta_kubernetes_node_name"] === undefined ? undefined : target,
  },
  {
    reason: "3.14 leaves out the second slices of dual-stack services: they tell of the same pods once more",
    same: (target) =>
      target["__meta_kubernetes_service_label_dual"] === "yes" &&
      target["__meta_kubernetes_endpointslice_address_type"] !== undefined &&
      target["__meta_kubernetes_endpointslice_address_type"] !== "IPv4"
        ? undefined
        : target,
  },
];

/** Resolves with the discovered labels of all targets of a server, by job. */
async function found(base: string): Promise<Map<string, string[]>> {
  const response = await fetch(`${base}/api/v1/targets?state=active`);
  const { data } = (await response.json()) as {
    data: { activeTargets: { scrapePool: string; discoveredLabels: LabelSet }[] };
  };
  const jobs = new Map(Object.keys(JOBS).map((name) => [name, [] as string[]]));
  for (const { scrapePool, discoveredLabels } of data.activeTargets) {
    let target: LabelSet | undefined = discoveredLabels;
    for (const { same } of KNOWN_DIFFERENCES) target = target === undefined ? undefined : same(target, scrapePool);
    if (target === undefined) continue;
    const labels = Object.entries(target)
      .filter(([name]) => name === "__address__" || name === "instance" || name.startsWith("__meta_"))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    jobs.get(scrapePool)!.push(JSON.stringify(labels));
  }
  for (const targets of jobs.values()) targets.sort();
  return jobs;
}

/**
 * Creates objects whose names contain the number of the test round. Every job discovers one of these objects. When a
 * server shows them, it has processed all earlier changes.
 */
function mark(api: KubernetesApi, round: string, kinds: readonly string[]): void {
  const ports = [{ name: "m", port: 1, containerPort: 1, protocol: "TCP" }];
  const bodies: Readonly<Record<string, object>> = {
    nodes: { status: { addresses: [{ type: "InternalIP", address: "10.9.9.9" }] } },
    services: { spec: { type: "ClusterIP", clusterIP: "10.9.9.8", ports } },
    pods: {
      spec: { nodeName: "marker", containers: [{ name: "m", image: "m", ports }] },
      status: { podIP: "10.9.9.7", phase: "Running" },
    },
    endpoints: { subsets: [{ addresses: [{ ip: "10.9.9.7" }], ports }] },
    endpointslices: { addressType: "IPv4", endpoints: [{ addresses: ["10.9.9.7"] }], ports },
    ingresses: { spec: { rules: [{ host: "marker" }] } },
  };
  for (const kind of kinds) {
    const metadata = { name: "marker", labels: { app: "web" }, annotations: { round } };
    const within = kind === "nodes" ? {} : { namespace: "team-a" };
    api.put(kind, { ...bodies[kind], metadata: { ...metadata, ...within } });
  }
}

const hasRound = (targets: readonly string[], round: string): boolean =>
  targets.some((target) => target.includes(`_annotation_round","${round}"`));

/**
 * Compares the targets of both servers. Returns, for each job and server, one line with the number of targets that only
 * this server has, and an example.
 */
function differences([ours, theirs]: readonly Map<string, string[]>[]): string[] {
  return Object.keys(JOBS).flatMap((name) => {
    const [left, right] = [ours!.get(name)!, theirs!.get(name)!];
    const lineFor = (who: string, some: readonly string[]): string[] =>
      some.length === 0 ? [] : [`job ${name}: ${some.length} only ${who}, such as ${some[0]}`];
    return [
      ...lineFor(
        "ours",
        left.filter((target) => !right.includes(target)),
      ),
      ...lineFor(
        "theirs",
        right.filter((target) => !left.includes(target)),
      ),
      ...(left.length === right.length ? [] : [`job ${name}: ${left.length} targets, theirs ${right.length}`]),
    ];
  });
}

/**
 * Waits until all jobs of both servers show the objects that `mark` created for this round, and then until `check`
 * accepts the targets.
 */
const afterRound = (
  servers: readonly string[],
  round: string,
  jobs: readonly string[],
  check: (both: readonly Map<string, string[]>[]) => void = () => undefined,
): Promise<void> =>
  eventually(`round ${round}, seed ${seed}`, async () => {
    const both = await Promise.all(servers.map(found));
    for (const name of jobs)
      for (const [i, side] of both.entries())
        expect(hasRound(side.get(name)!, round), `${name} of server ${i}`).toBe(true);
    check(both);
  });

test.skipIf(lacks("peers"))(
  "Kubernetes discovery finds the same as Prometheus, in every role, at first and after changes",
  async () => {
    using workplace = new Workplace();
    await using api = await KubernetesApi.start({ pieceBytes: 700 });
    const cluster = new RandomCluster(new Random(seed), api);
    cluster.fill();
    const plain = Object.keys(JOBS).filter((name) => !/^(endpoints|slice)/.test(name));
    mark(api, "1", ["nodes", "services", "pods", "endpoints", "endpointslices", "ingresses"]);
    const settings = { config: config(api.url), flags: [] };
    await using ours = await serve("narthex", workplace, "ours", settings);
    await using theirs = await serve("prometheus", workplace, "theirs", settings);
    const servers = [ours.base, theirs.base];
    // Compares the targets of both servers. A server shows discovered targets gradually, in steps of 5 s.
    const compare = (round: string): Promise<void> =>
      afterRound(servers, round, Object.keys(JOBS), (both) => expect(differences(both)).toEqual([]));
    await compare("1");
    for (let i = 0; i < 150; i++) {
      cluster.change();
      if (i === 50) api.endWatches();
      if (i !== 100) continue;
      // Makes the API forget its history of changes while no client watches, so both servers must list all objects
      // again.
      api.disconnect();
      api.forget();
    }
    mark(api, "2", ["nodes", "services", "pods", "ingresses"]);
    await afterRound(servers, "2", plain);
    // Changes the endpoints too, because Prometheus reads changed pods only when the endpoints of their service change.
    cluster.touch("endpoints", "2");
    cluster.touch("endpointslices", "2");
    mark(api, "2", ["endpoints", "endpointslices"]);
    await compare("2");
  },
);
