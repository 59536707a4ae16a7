import type { ApiObject, KubernetesApi } from "@narthex/discovery/testing";
import type { Dice } from "../../../support/dice.ts";

const NAMESPACES = ["default", "kube-system", "team-a", "team-b"];
const NODES = Array.from({ length: 10 }, (_, i) => `node-${i}`);
const SERVICES = Array.from({ length: 12 }, (_, i) => `svc-${i}`);
const PODS = Array.from({ length: 30 }, (_, i) => `pod-${i}`);
const PORTS = [80, 443, 8080, 9090, 9100, 53];
const PROTOCOLS = ["TCP", "UDP", "SCTP"];

/** Kinds of objects in the cluster, with namespaces and names. */
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
 * A cluster of random objects. The objects have every kind that discovery reads, and every shape that the API allows. A seed
 * repeats them.
 */
export class RandomCluster {
  readonly #dice: Dice;
  readonly #api: KubernetesApi;

  constructor(dice: Dice, api: KubernetesApi) {
    this.#dice = dice;
    this.#api = api;
  }

  fill(): void {
    for (const kind of Object.keys(KINDS) as Kind[])
      for (const namespace of KINDS[kind].namespaces)
        for (const name of KINDS[kind].names) if (this.#dice.chance(75)) this.#put(kind, name, namespace);
  }

  /** Creates, changes or removes a random object. */
  change(): void {
    const kind = this.#dice.pick(Object.keys(KINDS) as Kind[]);
    const namespace = this.#dice.pick(KINDS[kind].namespaces);
    const name = this.#dice.pick(KINDS[kind].names);
    if (this.#dice.chance(30)) this.#api.remove(kind, name, namespace);
    else this.#put(kind, name, namespace);
  }

  /** Changes every object of a kind, as a controller does after it has noticed changed pods. */
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
    if (kind === "endpointslices" && this.#dice.chance(85)) {
      own.labels = { ...own.labels, "kubernetes.io/service-name": name.replace(/-v[46]$/, "") };
    }
    this.#api.put(kind, { ...made, metadata: namespace === "" ? metadata : { ...metadata, namespace } });
  }

  #metadata(): ApiObject["metadata"] {
    const dice = this.#dice;
    const labels = { app: dice.pick(["web", "api", "db"]), "app.kubernetes.io/part-of": "", "x/y-z": "1.2_3" };
    const annotations = { "kubectl.kubernetes.io/note": 'say "hé"\nand\\more', "prometheus.io/scrape": "true" };
    return {
      name: "",
      uid: `00000000-${dice.roll(1_000_000)}`,
      ...(dice.chance(90) ? { labels } : {}),
      ...(dice.chance(50) ? { annotations } : {}),
    };
  }

  #node(name: string): ApiObject {
    const dice = this.#dice;
    // Node 0 never has an address, and all other nodes always have one. A node that loses its last address would keep
    // its target for a while.
    const types = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];
    const some = name === "node-0" ? [] : dice.some([...types, ...types.slice(0, 2), "Odd.Type"]);
    const known = some.some((type) => types.includes(type)) || name === "node-0" ? some : [...some, "Hostname"];
    const addresses = known.map((type) => ({ type, address: dice.chance(20) ? `fd00::${dice.roll(99)}` : this.#ip() }));
    const conditions = dice.chance(70)
      ? [
          { type: "Ready", status: dice.pick(["True", "False", "Unknown"]) },
          { type: "DiskPressure", status: "False" },
        ]
      : undefined;
    return {
      metadata: { name },
      spec: dice.chance(50) ? { providerID: `cloud:///${name}` } : {},
      status: { addresses, conditions, daemonEndpoints: { kubeletEndpoint: { Port: dice.pick([0, 10250]) } } },
    };
  }

  #ip(): string {
    return `10.${this.#dice.roll(4)}.${this.#dice.roll(250)}.${this.#dice.roll(250)}`;
  }

  #service(): ApiObject {
    const dice = this.#dice;
    const type = dice.pick(["ClusterIP", "ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]);
    const ports = Array.from({ length: dice.roll(4) }, (_, i) => ({
      ...(dice.chance(80) ? { name: `port-${i}` } : {}),
      port: dice.pick(PORTS),
      protocol: dice.pick(PROTOCOLS),
    }));
    const balancer = this.#ip();
    return {
      metadata: { name: "" },
      spec: {
        type,
        ...(dice.chance(90) ? { ports } : {}),
        ...(type === "ExternalName"
          ? { externalName: "db.example.com" }
          : { clusterIP: dice.pick(["None", this.#ip()]) }),
        // Version 3.14 reads the address from the status and 3.5 from the spec, so both fields have the same address.
        ...(type === "LoadBalancer" ? { loadBalancerIP: balancer } : {}),
        ...(dice.chance(20) ? { ipFamilyPolicy: "PreferDualStack", ipFamilies: ["IPv4", "IPv6"] } : {}),
      },
      ...(type === "LoadBalancer" ? { status: { loadBalancer: { ingress: [{ ip: balancer }] } } } : {}),
    };
  }

  #container(name: string): Readonly<Record<string, unknown>> {
    const dice = this.#dice;
    const ports = Array.from({ length: dice.roll(4) }, (_, i) => ({
      ...(dice.chance(70) ? { name: `p${i}` } : {}),
      containerPort: dice.pick(PORTS),
      protocol: dice.pick(PROTOCOLS),
    }));
    return { name, image: `registry/${name}:1`, ...(dice.chance(80) ? { ports } : {}) };
  }

  #pod(): ApiObject {
    const dice = this.#dice;
    const containers = Array.from({ length: dice.roll(4) }, (_, i) => this.#container(`c${i}`));
    const initContainers = Array.from({ length: dice.roll(2) }, (_, i) => this.#container(`init${i}`));
    const statuses = (list: readonly Readonly<Record<string, unknown>>[]) =>
      list.filter(() => dice.chance(80)).map(({ name }) => ({ name, containerID: `containerd://${String(name)}` }));
    const controller = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-1", uid: "1", controller: true };
    const ownerReferences = dice.pick([
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
      spec: { containers, initContainers, ...(dice.chance(80) ? { nodeName: dice.pick([...NODES, "gone"]) } : {}) },
      status: {
        phase: dice.pick(["Pending", "Running", "Succeeded", "Failed", "Unknown"]),
        ...(dice.chance(85)
          ? { podIP: dice.chance(20) ? `fd00::1:${dice.roll(99)}` : this.#ip(), hostIP: this.#ip() }
          : {}),
        conditions: dice.pick([
          undefined,
          [{ type: "Initialized", status: "True" }],
          [{ type: "Ready", status: dice.pick(["True", "False", "Unknown"]) }],
        ]),
        containerStatuses: statuses(containers),
        initContainerStatuses: statuses(initContainers),
      },
    };
  }

  #target(namespace: string): Readonly<Record<string, string>> | undefined {
    const dice = this.#dice;
    return dice.weighted<Readonly<Record<string, string>> | undefined>([
      [6, { kind: "Pod", namespace, name: dice.pick(PODS) }],
      [1, { kind: "Pod", namespace, name: "gone" }],
      [1, { kind: "Node", name: dice.pick(NODES) }],
      [2, undefined],
    ]);
  }

  #endpoints(namespace: string): ApiObject {
    const dice = this.#dice;
    const addresses = () =>
      Array.from({ length: dice.roll(4) }, () => ({
        ip: this.#ip(),
        ...(dice.chance(30) ? { hostname: `h${dice.roll(9)}` } : {}),
        ...(dice.chance(60) ? { nodeName: dice.pick(NODES) } : {}),
        targetRef: this.#target(namespace),
      }));
    const subsets = Array.from({ length: dice.roll(3) }, () => ({
      addresses: addresses(),
      ...(dice.chance(40) ? { notReadyAddresses: addresses() } : {}),
      ports: Array.from({ length: dice.roll(3) }, (_, i) => ({
        ...(dice.chance(70) ? { name: `ep${i}` } : {}),
        port: dice.pick(PORTS),
        protocol: dice.pick(PROTOCOLS),
      })),
    }));
    return { metadata: { name: "" }, ...(dice.chance(90) ? { subsets } : {}) };
  }

  #slice(name: string, namespace: string): ApiObject {
    const dice = this.#dice;
    const isV6 = name.endsWith("v6");
    const maybe = (): boolean | null | undefined => dice.pick([true, false, null, undefined]);
    const endpoints = Array.from({ length: dice.roll(4) }, () => ({
      addresses: Array.from({ length: 1 + dice.roll(2) }, () => (isV6 ? `fd00::2:${dice.roll(99)}` : this.#ip())),
      conditions: { ready: maybe(), serving: maybe(), terminating: maybe() },
      ...(dice.chance(30) ? { hostname: `h${dice.roll(9)}` } : {}),
      ...(dice.chance(60) ? { nodeName: dice.pick(NODES) } : {}),
      ...(dice.chance(40) ? { zone: "eu-1" } : {}),
      ...(dice.chance(30) ? { deprecatedTopology: { "kubernetes.io/hostname": "h", "a.b/c": "" } } : {}),
      targetRef: this.#target(namespace),
    }));
    const ports = Array.from({ length: dice.roll(3) }, (_, i) => ({
      name: dice.pick(["", `ep${i}`]),
      ...(dice.chance(85) ? { port: dice.pick(PORTS) } : {}),
      ...(dice.chance(90) ? { protocol: dice.pick(PROTOCOLS) } : {}),
      ...(dice.chance(30) ? { appProtocol: "kubernetes.io/h2c" } : {}),
    }));
    return { metadata: { name }, addressType: isV6 ? "IPv6" : dice.pick(["IPv4", "IPv4", "FQDN"]), endpoints, ports };
  }

  #ingress(): ApiObject {
    const dice = this.#dice;
    const hosts = ["a.example.com", "b.example.com", "x.y.example.com", "example.com", "*.example.com"];
    const rules = Array.from({ length: dice.roll(4) }, () => ({
      ...(dice.chance(90) ? { host: dice.pick(hosts) } : {}),
      ...(dice.chance(80)
        ? {
            http: {
              paths: Array.from({ length: dice.roll(4) }, () => ({ path: dice.pick(["", "/", "/api", "/v2/x"]) })),
            },
          }
        : {}),
    }));
    const tls = Array.from({ length: dice.roll(3) }, () =>
      dice.chance(90) ? { hosts: dice.some([...hosts, "*.y.example.com", "*"]) } : {},
    );
    return {
      metadata: { name: "" },
      spec: { ...(dice.chance(60) ? { ingressClassName: "nginx" } : {}), rules, ...(dice.chance(70) ? { tls } : {}) },
    };
  }
}

const isDual = (service: ApiObject): boolean =>
  (service["spec"] as { ipFamilyPolicy?: string }).ipFamilyPolicy !== undefined;
