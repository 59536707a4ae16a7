import { Labels } from "@narthex/model";
import {
  type ApiResource,
  type Controller,
  controllerOf,
  keepMeta,
  keyOf,
  type ObjectMeta,
  type RawObject,
} from "./api-object.ts";
import { addNamespace, addNode, type Joined } from "./joined.ts";
import { addObjectMeta, type LabelDraft, META, NAMESPACE } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import type { Role } from "./role.ts";

export interface Pod {
  readonly meta: ObjectMeta;
  readonly uid: string;
  readonly ip: string;
  readonly hostIp: string;
  readonly phase: string;
  /** State of the pod's condition Ready: `true`, `false` or `unknown`. */
  readonly ready: string;
  readonly nodeName: string;
  readonly controller: Controller | undefined;
  /** Containers of the pod, with init containers last. */
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly id: string;
  readonly isInit: boolean;
  readonly ports: readonly ContainerPort[];
}

export interface ContainerPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

interface RawContainer {
  readonly name: string;
  readonly image?: string;
  readonly ports?:
    | readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
    | null;
}

type RawStatuses = readonly { readonly name: string; readonly containerID?: string }[] | null | undefined;

/**
 * The fields of a Pod that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/
 */
interface RawPod extends RawObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly RawContainer[] | null;
    readonly initContainers?: readonly RawContainer[] | null;
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
    readonly containerStatuses?: RawStatuses;
    readonly initContainerStatuses?: RawStatuses;
  };
}

export const pods: ApiResource<Pod> = {
  group: "/api/v1",
  plural: "pods",
  isNamespaced: true,
  keep(raw) {
    const { metadata, spec, status } = raw as RawPod;
    const ready = status?.conditions?.find((condition) => condition.type === "Ready");
    return {
      meta: keepMeta(raw),
      uid: metadata.uid ?? "",
      ip: status?.podIP ?? "",
      hostIp: status?.hostIP ?? "",
      phase: status?.phase ?? "",
      ready: ready?.status.toLowerCase() ?? "unknown",
      nodeName: spec?.nodeName ?? "",
      controller: controllerOf(raw),
      containers: [
        ...(spec?.containers ?? []).map((container) => keepContainer(container, status?.containerStatuses, false)),
        ...(spec?.initContainers ?? []).map((one) => keepContainer(one, status?.initContainerStatuses, true)),
      ],
    };
  },
};

const keepContainer = (raw: RawContainer, statuses: RawStatuses, isInit: boolean): Container => ({
  name: raw.name,
  image: raw.image ?? "",
  id: statuses?.find((status) => status.name === raw.name)?.containerID ?? "",
  isInit,
  ports: (raw.ports ?? []).map(({ name = "", containerPort, protocol = "" }) => ({
    name,
    number: containerPort,
    protocol,
  })),
});

/**
 * Adds the labels of a pod. The labels are used for targets of the pod itself and of endpoints that lead to the pod.
 */
export function addPod(draft: LabelDraft, pod: Pod, joined: Joined): void {
  draft.set(`${META}pod_ip`, pod.ip);
  draft.set(`${META}pod_ready`, pod.ready);
  draft.set(`${META}pod_phase`, pod.phase);
  draft.set(`${META}pod_node_name`, pod.nodeName);
  draft.set(`${META}pod_host_ip`, pod.hostIp);
  draft.set(`${META}pod_uid`, pod.uid);
  addObjectMeta(draft, "pod", pod.meta);
  if (pod.controller === undefined) return;
  draft.set(`${META}pod_controller_kind`, pod.controller.kind);
  draft.set(`${META}pod_controller_name`, pod.controller.name);
  addWorkload(draft, pod.meta.namespace, pod.controller, joined);
}

/** Adds the name of the workload that created a pod: the deployment of a replica set, or the job and its cron job. */
function addWorkload(draft: LabelDraft, namespace: string, { kind, name }: Controller, joined: Joined): void {
  const { deployment, job, cronjob } = joined.attach;
  const key = keyOf(namespace, name);
  if (kind === "ReplicaSet" && deployment) {
    const owner = joined.find("replicaset", key)?.controller;
    if (owner?.kind === "Deployment") draft.set(`${META}pod_deployment_name`, owner.name);
  }
  if (kind !== "Job") return;
  if (job) draft.set(`${META}pod_job_name`, name);
  if (!cronjob) return;
  const owner = joined.find("job", key)?.controller;
  if (owner?.kind === "CronJob") draft.set(`${META}pod_cronjob_name`, owner.name);
}

/** Adds the labels of one container and, if given, one of its ports. */
export function addContainer(draft: LabelDraft, container: Container, port?: ContainerPort): void {
  draft.set(`${META}pod_container_name`, container.name);
  draft.set(`${META}pod_container_image`, container.image);
  draft.set(`${META}pod_container_init`, String(container.isInit));
  if (port === undefined) return;
  draft.set(`${META}pod_container_port_name`, port.name);
  draft.set(`${META}pod_container_port_number`, String(port.number));
  draft.set(`${META}pod_container_port_protocol`, port.protocol);
}

/** Finds one target per container port. A container without ports gets one target without a port. */
export const podRole: Role<Pod> = {
  name: "pod",
  resource: pods,
  source: "pod",
  joins: [],
  attachable: ["node", "namespace", "replicaset", "job"],
  group(pod, joined) {
    // Returns no targets if the pod has no IP address, or if a node selector excluded the pod's node.
    if (pod.ip === "" || (joined.attach.node && joined.find("node", pod.nodeName) === undefined)) {
      return { targets: [], labels: Labels.EMPTY };
    }
    const labels: LabelDraft = new Map([[NAMESPACE, pod.meta.namespace]]);
    addPod(labels, pod, joined);
    addNode(labels, joined, pod.nodeName);
    addNamespace(labels, joined, pod.meta.namespace);
    const targets = pod.containers.flatMap((container) =>
      container.ports.length === 0
        ? [containerTarget(pod, container)]
        : container.ports.map((port) => containerTarget(pod, container, port)),
    );
    return { targets, labels: Labels.of(labels) };
  },
};

function containerTarget(pod: Pod, container: Container, port?: ContainerPort): Labels {
  const target: LabelDraft = new Map([
    ["__address__", port === undefined ? pod.ip : hostPort(pod.ip, port.number)],
    [`${META}pod_container_id`, container.id],
  ]);
  addContainer(target, container, port);
  return Labels.of(target);
}
