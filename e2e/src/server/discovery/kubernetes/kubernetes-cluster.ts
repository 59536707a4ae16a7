import type { ApiObject, KubernetesApi } from "@narthex/discovery/testing";
import type { Random } from "../../../support/random.ts";

const NAMESPACES = ["default", "kube-system", "team-a", "team-b"];
const NODES = Array.from({ length: 10 }, (_, i) => `node-${i}`);
const SERVICES = Array.from({ length: 12 }, (_, i) => `svc-${i}`);
const PODS = Array.from({ length: 30 }, (_, i) => `pod-${i}`);
const PORTS = [80, 443, 8080, 9090, 9100, 53];
const PROTOCOLS = ["TCP", "UDP", "SCTP"];

/** Kinds of objects in the simulated cluster, with their namespaces and names. */
const KINDS = {
  nodes: { namespaces: [""], names: NODES },
  services: { namespaces: NAMESPACES, names: SERVICES },
  pods: { namespaces: NAMESPACES, names: PODS },
  endpoints: { namespaces: NAMESPACES, names: SERVICES },
  endpointslices: { namespaces: NAMESPACES, names: SERVICES.flatMap((name) => [`${name}-v4`, `${name}-v6`]) },
  ingresses: { namespaces: NAMESPACES, names: ["web", "api", "bare"] },
} as const;

type Kind = keyof typeof KINDS;

/**
 * A simulated cluster of random Kubernetes objects. The objects have every kind that service discovery reads, and every
 * shape that the API allows. The same seed gives the same objects.
 */
export class RandomCluster {
  readonly #random: Random;
  readonly #api: KubernetesApi;

  constructor(random: Random, api: KubernetesApi) {
    this.#random = random;
    this.#api = api;
  }

  fill(): void {
    for (const kind of Object.keys(KINDS) as Kind[])
      for (const namespace of KINDS[kind].namespaces)
        for (const name of KINDS[kind].names) if (this.#random.chance(75)) this.#put(kind, name, namespace);
  }

  /** Creates, changes or removes a random object. */
  change(): void {
    const kind = this.#random.pick(Object.keys(KINDS) as Kind[]);
    const namespace = this.#random.pick(KINDS[kind].namespaces);
    const name = this.#random.pick(KINDS[kind].names);
    if (this.#random.chance(30)) this.#api.remove(kind, name, namespace);
    else this.#put(kind, name, namespace);
  }

  /** Changes every object of a kind, as a Kubernetes controller does after pods have changed. */
  touch(kind: "endpoints" | "endpointslices", round: string): void {
    for (const namespace of KINDS[kind].namespaces)
      for (const name of KINDS[kind].names) {
        const object = this.#api.get(kind, name, namespace);
        if (object === undefined) continue;
        const annotations = { ...(object.metadata["annotations"] as object | undefined), round };
        this.#api.put(kind, { ...object, metadata: { ...object.metadata, annotations } });
      }
  }

  #put(kind: Kind, name: string, namespace: string): void {
    const makers = {
      nodes: () => this.#node(name),
      services: () => this.#service(),
      pods: () => this.#pod(),
      endpoints: () => this.#endpoints(namespace),
      endpointslices: () => this.#slice(name, namespace),
      ingresses: () => this.#ingress(),
    };
    const made = makers[kind]();
    const metadata = { ...this.#metadata(), ...(made["metadata"] as object | undefined), name };
    const own = metadata as unknown as { labels: Record<string, string> };
    if (kind === "services" && isDual(made)) own.labels = { ...own.labels, dual: "yes" };
    if (kind === "endpointslices" && this.#random.chance(85)) {
      own.labels = { ...own.labels, "kubernetes.io/service-name": name.replace(/-v[46]$/, "") };
    }
    this.#api.put(kind, { ...made, metadata: namespace === "" ? metadata : { ...metadata, namespace } });
  }

  #metadata(): ApiObject["metadata"] {
    const random = this.#random;
    const labels = { app: random.pick(["web", "api", "db"]), "app.kubernetes.io/part-of": "", "x/y-z": "1.2_3" };
    const annotations = { "kubectl.kubernetes.io/note": 'say "hé"\nand\\more', "prometheus.io/scrape": "true" };
    return {
      name: "",
      uid: `00000000-${random.below(1_000_000)}`,
      ...(random.chance(90) ? { labels } : {}),
      ...(random.chance(50) ? { annotations } : {}),
    };
  }

  #node(name: string): ApiObject {
    const random = this.#random;
    // Node 0 never has an address, and all other nodes always have one. A node that loses its last address would keep
    // its target for a while.
    const types = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];
    const some = name === "node-0" ? [] : random.some([...types, ...types.slice(0, 2), "Odd.Type"]);
    const known = some.some((type) => types.includes(type)) || name === "node-0" ? some : [...some, "Hostname"];
    const addresses = known.map((type) => ({
      type,
      address: random.chance(20) ? `fd00::${random.below(99)}` : this.#ip(),
    }));
    const conditions = random.chance(70)
      ? [
          { type: "Ready", status: random.pick(["True", "False", "Unknown"]) },
          { type: "DiskPressure", status: "False" },
        ]
      : undefined;
    return {
      metadata: { name },
      spec: random.chance(50) ? { providerID: `cloud:///${name}` } : {},
      status: { addresses, conditions, daemonEndpoints: { kubeletEndpoint: { Port: random.pick([0, 10250]) } } },
    };
  }

  #ip(): string {
    return `10.${this.#random.below(4)}.${this.#random.below(250)}.${this.#random.below(250)}`;
  }

  #service(): ApiObject {
    const random = this.#random;
    const type = random.pick(["ClusterIP", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]);
    const ports = Array.from({ length: random.below(4) }, (_, i) => ({
      ...(random.chance(80) ? { name: `port-${i}` } : {}),
      port: random.pick(PORTS),
      protocol: random.pick(PROTOCOLS),
    }));
    const balancer = this.#ip();
    return {
      metadata: { name: "" },
      spec: {
        type,
        ...(random.chance(90) ? { ports } : {}),
        ...(type === "ExternalName"
          ? { externalName: "db.example.com" }
          : { clusterIP: random.pick(["None", this.#ip()]) }),
        // Sets both address fields to the same value, because version 3.14 reads the address from the status and 3.5
        // from the spec.
        ...(type === "LoadBalancer" ? { loadBalancerIP: balancer } : {}),
        ...(random.chance(20) ? { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] } : {}),
      },
      ...(type === "LoadBalancer" ? { status: { loadBalancer: { ingress: [{ ip: balancer }] } } } : {}),
    };
  }

  #container(name: string): Readonly<Record<string, unknown>> {
    const random = this.#random;
    const ports = Array.from({ length: random.below(4) }, (_, i) => ({
      ...(random.chance(70) ? { name: `p${i}` } : {}),
      containerPort: random.pick(PORTS),
      protocol: random.pick(PROTOCOLS),
    }));
    return { name, image: `registry/${name}:1`, ...(random.chance(80) ? { ports } : {}) };
  }

  #pod(): ApiObject {
    const random = this.#random;
    const containers = Array.from({ length: random.below(4) }, (_, i) => this.#container(`c${i}`));
    const initContainers = Array.from({ length: random.below(2) }, (_, i) => this.#container(`init${i}`));
    const statuses = (list: readonly Readonly<Record<string, unknown>>[]) =>
      list.filter(() => random.chance(80)).map(({ name }) => ({ name, containerID: `containerd://${String(name)}` }));
    const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-1", uid: "1", controller: true };
    const ownerReferences = random.pick([
      undefined,
      [controller],
      [
        { ...controller, controller: false },
        { ...controller, kind: "Job", name: "j" },
      ],
      [{ apiVersion: "v1", kind: "Node", name: "node-1", uid: "1" }],
    ]);
    return {
      metadata: { ...this.#metadata(), ...(ownerReferences === undefined ? {} : { ownerReferences }) },
      spec: { containers, initContainers, ...(random.chance(80) ? { nodeName: random.pick([...NODES, "gone"]) } : {}) },
      status: {
        phase: random.pick(["Pending", "Running", "Succeeded", "Failed", "Unknown"]),
        ...(random.chance(85)
          ? { podIP: random.chance(20) ? `fd00::1:${random.below(99)}` : this.#ip(), hostIP: this.#ip() }
          : {}),
        conditions: random.pick([
          undefined,
          [{ type: "Initialized", status: "True" }],
          [{ type: "Ready", status: random.pick(["True", "False", "Unknown"]) }],
        ]),
        containerStatuses: statuses(containers),
        initContainerStatuses: statuses(initContainers),
      },
    };
  }

  #target(namespace: string): Readonly<Record<string, string>> | undefined {
    const random = this.#random;
    return random.weighted<Readonly<Record<string, string>> | undefined>([
      [6, { kind: "Pod", namespace, name: random.pick(PODS) }],
      [1, { kind: "Pod", namespace, name: "gone" }],
      [1, { kind: "Node", name: random.pick(NODES) }],
      [2, undefined],
    ]);
  }

  #endpoints(namespace: string): ApiObject {
    const random = this.#random;
    const addresses = () =>
      Array.from({ length: random.below(4) }, () => ({
        ip: this.#ip(),
        ...(random.chance(30) ? { hostname: `h${random.below(9)}` } : {}),
        ...(random.chance(60) ? { nodeName: random.pick(NODES) } : {}),
        targetRef: this.#target(namespace),
      }));
    const subsets = Array.from({ length: random.below(3) }, () => ({
      addresses: addresses(),
      ...(random.chance(40) ? { notReadyAddresses: addresses() } : {}),
      ports: Array.from({ length: random.below(3) }, (_, i) => ({
        ...(random.chance(70) ? { name: `ep${i}` } : {}),
        port: random.pick(PORTS),
        protocol: random.pick(PROTOCOLS),
      })),
    }));
    return { metadata: { name: "" }, ...(random.chance(90) ? { subsets } : {}) };
  }

  #slice(name: string, namespace: string): ApiObject {
    const random = this.#random;
    const isV6 = name.endsWith("v6");
    const maybe = (): boolean | null | undefined => random.pick([true, false, null, undefined]);
    const endpoints = Array.from({ length: random.below(4) }, () => ({
      addresses: Array.from({ length: 1 + random.below(2) }, () => (isV6 ? `fd00::2:${random.below(99)}` : this.#ip())),
      conditions: { ready: maybe(), serving: maybe(), terminating: maybe() },
      ...(random.chance(30) ? { hostname: `h${random.below(9)}` } : {}),
      ...(random.chance(60) ? { nodeName: random.pick(NODES) } : {}),
      ...(random.chance(40) ? { zone: "eu-1" } : {}),
      ...(random.chance(30) ? { deprecatedTopology: { "kubernetes.io/hostname": "h", "a.b/c": "" } } : {}),
      targetRef: this.#target(namespace),
    }));
    const ports = Array.from({ length: random.below(3) }, (_, i) => ({
      name: random.pick(["", `ep${i}`]),
      ...(random.chance(85) ? { port: random.pick(PORTS) } : {}),
      ...(random.chance(90) ? { protocol: random.pick(PROTOCOLS) } : {}),
      ...(random.chance(30) ? { appProtocol: "kubernetes.io/h2c" } : {}),
    }));
    return { metadata: { name }, addressType: isV6 ? "IPv6" : random.pick(["IPv4", "IPv4", "FQDN"]), endpoints, ports };
  }

  #ingress(): ApiObject {
    const random = this.#random;
    const hosts = ["a.example.com", "b.example.com", "x.y.example.com", "example.com", "*.example.com"];
    const rules = Array.from({ length: random.below(4) }, () => ({
      ...(random.chance(90) ? { host: random.pick(hosts) } : {}),
      ...(random.chance(80)
        ? {
            http: {
              paths: Array.from({ length: random.below(4) }, () => ({ path: random.pick(["", "/", "/api", "/v2/x"]) })),
            },
          }
        : {}),
    }));
    const tls = Array.from({ length: random.below(3) }, () =>
      random.chance(90) ? { hosts: random.some([...hosts, "*.y.example.com", "*"]) } : {},
    );
    return {
      metadata: { name: "" },
      spec: {
        ...(random.chance(60) ? { ingressClassName: "nginx" } : {}),
        rules,
        ...(random.chance(70) ? { tls } : {}),
      },
    };
  }
}

const isDual = (service: ApiObject): boolean =>
  (service["spec"] as { ipFamilyPolicy?: string }).ipFamilyPolicy !== undefined;
