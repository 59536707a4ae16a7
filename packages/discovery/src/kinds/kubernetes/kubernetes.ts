import { logOnChange } from "@narthex/runtime";
import type { Emit, DiscoveryContext } from "../../discoverer.ts";
import { defineWatched } from "../../discoverer.ts";
import { openAccess } from "./access.ts";
import type { ApiResource } from "./api-object.ts";
import { ApiServer } from "./api-server.ts";
import { endpointsRole } from "./endpoints.ts";
import { endpointSliceRole } from "./endpointslice.ts";
import { ingressRole } from "./ingress.ts";
import type { JoinedKind } from "./joined.ts";
import { ListWatch } from "./list-watch.ts";
import { requestObserver } from "./metrics.ts";
import { nodeMetadata, nodeRole } from "./node.ts";
import { type ObjectEvent, ObjectStore } from "./object-store.ts";
import { jobs, namespaces, replicaSets } from "./metadata-resources.ts";
import { podRole, pods } from "./pod.ts";
import type { Role } from "./role.ts";
import { type JoinedStores, RoleGroups } from "./role-groups.ts";
import { type AttachMetadata, type KubernetesDiscovery, type KubernetesRole, kubernetesSection } from "./section.ts";
import { serviceRole, services } from "./service.ts";

/** Finds targets in the objects of a Kubernetes cluster. Lists the objects once, and then watches them. */
export const kubernetesDiscoverer = defineWatched<KubernetesDiscovery>({
  key: "kubernetes_sd_configs",
  name: "kubernetes",
  codec: kubernetesSection,
  async watch(config, context, emit) {
    const access = await openAccess(config, context);
    const server = new ApiServer(access, context.userAgent, requestObserver(context.metrics));
    const watches = new ClusterWatches(config, server, context);
    watches.start(ROLES[config.role], access.ownNamespace, emit);
    await watches.ended();
  },
});

const ROLES: Readonly<Record<KubernetesRole, Role<unknown>>> = {
  node: nodeRole,
  pod: podRole,
  service: serviceRole,
  endpoints: endpointsRole,
  endpointslice: endpointSliceRole,
  ingress: ingressRole,
};

const JOINED_RESOURCES: Readonly<Record<JoinedKind, ApiResource<unknown>>> = {
  node: nodeMetadata,
  namespace: namespaces,
  service: services,
  pod: pods,
  replicaset: replicaSets,
  job: jobs,
};

/**
 * Returns the kinds of objects that attach_metadata requests. `cronjob` requires the jobs, because a pod names only its
 * job.
 */
const attached = ({ node, namespace, deployment, cronjob }: AttachMetadata): readonly JoinedKind[] => [
  ...(node ? (["node"] as const) : []),
  ...(namespace ? (["namespace"] as const) : []),
  ...(deployment ? (["replicaset"] as const) : []),
  ...(cronjob ? (["job"] as const) : []),
];

class ClusterWatches {
  readonly #config: KubernetesDiscovery;
  readonly #server: ApiServer;
  readonly #context: DiscoveryContext;
  readonly #running: Promise<void>[] = [];
  /** Stores of cluster-wide objects such as nodes. The watches of all namespaces share these stores. */
  readonly #shared = new Map<JoinedKind, ObjectStore<unknown>>();

  constructor(config: KubernetesDiscovery, server: ApiServer, context: DiscoveryContext) {
    this.#config = config;
    this.#server = server;
    this.#context = context;
  }

  /**
   * Starts a separate watch for each namespace, so that a namespace without read permission does not delay the others.
   */
  start(role: Role<unknown>, ownNamespace: string, emit: Emit): void {
    const { attach, namespaces: within } = this.#config;
    const named = new Set([...within.names, ...(ownNamespace === "" ? [] : [ownNamespace])]);
    const areas = role.resource.isNamespaced && named.size > 0 ? [...named] : [""];
    const wanted = attached(attach).filter((kind) => role.attachable.includes(kind));
    for (const area of areas) {
      const joined: Partial<Record<JoinedKind, ObjectStore<unknown>>> = {};
      for (const kind of [...role.joins, ...wanted]) joined[kind] = this.#joinedStore(kind, area);
      const store = new ObjectStore<unknown>();
      const groups = new RoleGroups({
        role,
        attach,
        store,
        joined: joined as JoinedStores,
        emit,
        count: (kind, event) => this.#count(kind, event),
        onNoAddress: (key) => this.#context.logger.warn("No address found", { role: role.name, object: key }),
      });
      groups.follow();
      this.#watch(role.resource, store, role.name, area);
    }
  }

  /** Resolves after the discoverer was stopped. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #joinedStore(kind: JoinedKind, area: string): ObjectStore<unknown> {
    const resource = JOINED_RESOURCES[kind];
    const known = this.#shared.get(kind);
    if (known !== undefined) return known;
    const store = new ObjectStore<unknown>();
    if (!resource.isNamespaced) this.#shared.set(kind, store);
    this.#watch(resource, store, kind, area);
    return store;
  }

  #watch<T>(resource: ApiResource<T>, store: ObjectStore<T>, kind: string, namespace: string): void {
    const { clock, signal, logger, metrics } = this.#context;
    const where = resource.isNamespaced && namespace !== "" ? ` of namespace ${namespace}` : "";
    const selector = this.#config.selectors.find((candidate) => candidate.role === kind) ?? { label: "", field: "" };
    const listWatch = new ListWatch<T>({
      server: this.#server,
      resource,
      namespace,
      selector,
      sink: store,
      clock,
      signal,
      log: logOnChange(logger, `Listing and watching ${resource.plural}${where}`),
      random: Math.random,
      failed: () => metrics.kubernetesFailures.inc(),
    });
    this.#running.push(listWatch.run());
  }

  /**
   * Counts a watch event. Like Prometheus, counts events of the role's own kind, all events of services, and updates of
   * pods.
   */
  #count(kind: string, event: ObjectEvent): void {
    const isCounted = kind === this.#config.role || kind === "service" || (kind === "pod" && event === "update");
    if (isCounted) this.#context.metrics.kubernetesEvents.inc({ role: kind, event });
  }
}
