import { Labels } from "@narthex/model";
import { type ApiResource, keepMeta, keyOf, type ObjectMeta, type RawObject } from "./api-object.ts";
import { BackingPods, keepReference, type TargetReference } from "./backing-pods.ts";
import { addNamespace, addNode, type Joined } from "./joined.ts";
import { addObjectMeta, type LabelDraft, META, NAMESPACE } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import type { Role } from "./role.ts";
import { addService } from "./service.ts";

export interface Endpoints {
  readonly meta: ObjectMeta;
  readonly subsets: readonly Subset[];
}

interface Subset {
  readonly ports: readonly EndpointPort[];
  readonly addresses: readonly EndpointAddress[];
}

interface EndpointPort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

interface EndpointAddress {
  readonly ip: string;
  readonly hostname: string;
  readonly nodeName: string | undefined;
  readonly target: TargetReference | undefined;
  readonly isReady: boolean;
}

interface RawAddress {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string | null;
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string } | null;
}

/**
 * The fields of an Endpoints object that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/
 */
interface RawEndpoints extends RawObject {
  readonly subsets?:
    | readonly {
        readonly addresses?: readonly RawAddress[] | null;
        readonly notReadyAddresses?: readonly RawAddress[] | null;
        readonly ports?:
          | readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[]
          | null;
      }[]
    | null;
}

const endpoints: ApiResource<Endpoints> = {
  group: "/api/v1",
  plural: "endpoints",
  isNamespaced: true,
  keep(raw) {
    const { subsets } = raw as RawEndpoints;
    return {
      meta: keepMeta(raw),
      subsets: (subsets ?? []).map((subset) => ({
        ports: (subset.ports ?? []).map(({ name = "", port, protocol = "" }) => ({ name, number: port, protocol })),
        addresses: [
          ...(subset.addresses ?? []).map((address) => keepAddress(address, true)),
          ...(subset.notReadyAddresses ?? []).map((address) => keepAddress(address, false)),
        ],
      })),
    };
  },
};

const keepAddress = (raw: RawAddress, isReady: boolean): EndpointAddress => ({
  ip: raw.ip,
  hostname: raw.hostname ?? "",
  nodeName: raw.nodeName ?? undefined,
  target: keepReference(raw.targetRef),
  isReady,
});

/**
 * Finds one target per address and port of Endpoints objects. Also finds one target for each container port that the
 * pods behind the endpoints have but the endpoints do not cover.
 */
export const endpointsRole: Role<Endpoints> = {
  name: "endpoints",
  resource: endpoints,
  source: "endpoints",
  joins: ["service", "pod"],
  attachable: ["node", "namespace", "replicaset", "job"],
  group({ meta, subsets }, joined) {
    const labels: LabelDraft = new Map([[NAMESPACE, meta.namespace]]);
    const service = joined.find("service", keyOf(meta.namespace, meta.name));
    if (service !== undefined) addService(labels, service);
    addObjectMeta(labels, "endpoints", meta);
    addNamespace(labels, joined, meta.namespace);
    const pods = new BackingPods(joined);
    const targets = subsets.flatMap(({ ports, addresses }) =>
      ports.flatMap((port) => addresses.map((address) => endpointTarget(address, port, pods, joined))),
    );
    return { targets: [...targets, ...pods.uncovered()], labels: Labels.of(labels) };
  },
};

function endpointTarget(address: EndpointAddress, port: EndpointPort, pods: BackingPods, joined: Joined): Labels {
  const { target, nodeName } = address;
  const draft: LabelDraft = new Map([
    ["__address__", hostPort(address.ip, port.number)],
    [`${META}endpoint_port_name`, port.name],
    [`${META}endpoint_port_protocol`, port.protocol],
    [`${META}endpoint_ready`, String(address.isReady)],
    [`${META}endpoint_hostname`, address.hostname],
    [`${META}endpoint_node_name`, nodeName ?? ""],
    [`${META}endpoint_address_target_kind`, target?.kind ?? ""],
    [`${META}endpoint_address_target_name`, target?.name ?? ""],
  ]);
  addNode(draft, joined, nodeName ?? (target?.kind === "Node" ? target.name : undefined));
  pods.describe(draft, target, port.number, port.protocol);
  return Labels.of(draft);
}
