import { Labels } from "@narthex/model";
import { type ApiResource, keepMeta, keyOf, type ObjectMeta, type RawObject } from "./api-object.ts";
import { BackingPods, keepReference, type TargetReference } from "./backing-pods.ts";
import { addNamespace, addNode, type Joined } from "./joined.ts";
import { addObjectMeta, type LabelDraft, META, metaName, NAMESPACE } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import type { Role } from "./role.ts";
import { addService } from "./service.ts";

/** The fields of an EndpointSlice that discovery keeps. A field is undefined if the object lacks it. */
export interface EndpointSlice {
  readonly meta: ObjectMeta;
  /** Type of the slice's addresses: `IPv4`, `IPv6` or `FQDN`. */
  readonly addressType: string;
  readonly ports: readonly SlicePort[];
  readonly endpoints: readonly SliceEndpoint[];
}

interface SlicePort {
  readonly name: string;
  readonly number: number | undefined;
  readonly protocol: string;
  readonly appProtocol: string;
}

interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean | undefined;
  readonly serving: boolean | undefined;
  readonly terminating: boolean | undefined;
  readonly hostname: string;
  readonly nodeName: string | undefined;
  readonly zone: string;
  readonly topology: Readonly<Record<string, string>>;
  readonly target: TargetReference | undefined;
}

interface RawEndpoint {
  readonly addresses?: readonly string[] | null;
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  };
  readonly hostname?: string | null;
  readonly nodeName?: string | null;
  readonly zone?: string | null;
  readonly deprecatedTopology?: Readonly<Record<string, string>> | null;
  readonly targetRef?: { readonly kind?: string; readonly namespace?: string; readonly name?: string } | null;
}

/**
 * The fields of an EndpointSlice that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/
 */
interface RawSlice extends RawObject {
  readonly addressType?: string;
  readonly ports?:
    | readonly {
        readonly name?: string | null;
        readonly port?: number | null;
        readonly protocol?: string | null;
        readonly appProtocol?: string | null;
      }[]
    | null;
  readonly endpoints?: readonly RawEndpoint[] | null;
}

const NO_TOPOLOGY: Readonly<Record<string, string>> = {};

const endpointSlices: ApiResource<EndpointSlice> = {
  group: "/apis/discovery.k8s.io/v1",
  plural: "endpointslices",
  isNamespaced: true,
  keep(raw) {
    const slice = raw as RawSlice;
    return {
      meta: keepMeta(raw),
      addressType: slice.addressType ?? "",
      ports: (slice.ports ?? []).map(({ name, port, protocol, appProtocol }) => ({
        name: name ?? "",
        number: port ?? undefined,
        protocol: protocol ?? "",
        appProtocol: appProtocol ?? "",
      })),
      endpoints: (slice.endpoints ?? []).map(keepEndpoint),
    };
  },
};

const keepEndpoint = (raw: RawEndpoint): SliceEndpoint => ({
  addresses: raw.addresses ?? [],
  ready: raw.conditions?.ready ?? undefined,
  serving: raw.conditions?.serving ?? undefined,
  terminating: raw.conditions?.terminating ?? undefined,
  hostname: raw.hostname ?? "",
  nodeName: raw.nodeName ?? undefined,
  zone: raw.zone ?? "",
  topology: raw.deprecatedTopology ?? NO_TOPOLOGY,
  target: keepReference(raw.targetRef),
});

/**
 * Finds one target per address and port of endpoint slices. Also finds one target for each container port that the pods
 * behind the slices have but the slices do not cover.
 */
export const endpointSliceRole: Role<EndpointSlice> = {
  name: "endpointslice",
  resource: endpointSlices,
  source: "endpointslice",
  joins: ["service", "pod"],
  attachable: ["node", "namespace", "replicaset", "job"],
  group(slice, joined) {
    const { meta, addressType, ports, endpoints } = slice;
    const labels: LabelDraft = new Map([
      [NAMESPACE, meta.namespace],
      [`${META}endpointslice_address_type`, addressType],
    ]);
    addObjectMeta(labels, "endpointslice", meta);
    const owner = meta.labels["kubernetes.io/service-name"];
    const service = owner === undefined ? undefined : joined.find("service", keyOf(meta.namespace, owner));
    if (service !== undefined) addService(labels, service);
    addNamespace(labels, joined, meta.namespace);
    // Skips endpoint slices of a dual-stack service's second IP family, because they contain the same pods as the
    // slices of the first family.
    const family = service?.primaryFamily ?? "";
    if (family !== "" && family !== addressType) return { targets: [], labels: Labels.of(labels) };
    const pods = new BackingPods(joined);
    const targets = endpoints.flatMap((endpoint) =>
      ports.flatMap((port) => endpoint.addresses.map((address) => sliceTarget(address, endpoint, port, pods, joined))),
    );
    return { targets: [...targets, ...pods.uncovered()], labels: Labels.of(labels) };
  },
};

const textOf = (value: boolean | undefined): string => (value === undefined ? "" : String(value));

function sliceTarget(
  address: string,
  endpoint: SliceEndpoint,
  { name, number, protocol, appProtocol }: SlicePort,
  pods: BackingPods,
  joined: Joined,
): Labels {
  const { target, nodeName } = endpoint;
  const draft: LabelDraft = new Map([
    ["__address__", number === undefined ? address : hostPort(address, number)],
    [`${META}endpointslice_port`, number === undefined ? "" : String(number)],
    [`${META}endpointslice_port_name`, name],
    [`${META}endpointslice_port_protocol`, protocol],
    [`${META}endpointslice_port_app_protocol`, appProtocol],
    [`${META}endpointslice_endpoint_conditions_ready`, textOf(endpoint.ready)],
    [`${META}endpointslice_endpoint_conditions_serving`, textOf(endpoint.serving)],
    [`${META}endpointslice_endpoint_conditions_terminating`, textOf(endpoint.terminating)],
    [`${META}endpointslice_endpoint_hostname`, endpoint.hostname],
    [`${META}endpointslice_endpoint_node_name`, nodeName ?? ""],
    [`${META}endpointslice_endpoint_zone`, endpoint.zone],
    [`${META}endpointslice_address_target_kind`, target?.kind ?? ""],
    [`${META}endpointslice_address_target_name`, target?.name ?? ""],
  ]);
  for (const [key, value] of Object.entries(endpoint.topology)) {
    draft.set(metaName("endpointslice_endpoint_topology_", key), value);
    draft.set(metaName("endpointslice_endpoint_topology_present_", key), "true");
  }
  addNode(draft, joined, target?.kind === "Node" ? target.name : nodeName);
  pods.describe(draft, target, number);
  return Labels.of(draft);
}
