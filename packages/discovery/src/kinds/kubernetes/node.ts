import { Labels } from "@narthex/model";
import { type ApiResource, keepMeta, type ObjectMeta, type RawObject } from "./api-object.ts";
import { addObjectMeta, type LabelDraft, META, metaName } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import type { Role } from "./role.ts";

export interface Node {
  readonly meta: ObjectMeta;
  readonly providerId: string;
  readonly kubeletPort: number;
  readonly addresses: readonly Typed[];
  readonly conditions: readonly Typed[];
}

interface Typed {
  readonly type: string;
  readonly value: string;
}

/**
 * The fields of a Node that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/
 */
interface RawNode extends RawObject {
  readonly spec?: { readonly providerID?: string };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[] | null;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
    readonly daemonEndpoints?: { readonly kubeletEndpoint?: { readonly Port?: number } };
  };
}

const shared = { group: "/api/v1", plural: "nodes", isNamespaced: false } as const;

const nodes: ApiResource<Node> = {
  ...shared,
  keep(raw) {
    const { spec, status } = raw as RawNode;
    return {
      meta: keepMeta(raw),
      providerId: spec?.providerID ?? "",
      kubeletPort: status?.daemonEndpoints?.kubeletEndpoint?.Port ?? 0,
      addresses: (status?.addresses ?? []).map(({ type, address }) => ({ type, value: address })),
      conditions: (status?.conditions ?? []).map((condition) => ({ type: condition.type, value: condition.status })),
    };
  },
};

/** Nodes, for which only the metadata is requested. */
export const nodeMetadata: ApiResource<ObjectMeta> = { ...shared, metadataOnly: true, keep: keepMeta };

/**
 * Types of node addresses in order of preference. The address of a node's kubelet is the node's first address by this
 * order.
 */
const ADDRESS_ORDER = ["InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname"];

/** Finds one target for each node: the kubelet of the node. */
export const nodeRole: Role<Node> = {
  name: "node",
  resource: nodes,
  source: "node",
  joins: [],
  attachable: [],
  group(node) {
    // If a node has several addresses of a type, the first one is used.
    const addresses = new Map(node.addresses.toReversed().map(({ type, value }) => [type, value]));
    const type = ADDRESS_ORDER.find((candidate) => addresses.has(candidate));
    if (type === undefined) return undefined;
    const target: LabelDraft = new Map([
      ["__address__", hostPort(addresses.get(type)!, node.kubeletPort)],
      ["instance", node.meta.name],
    ]);
    for (const [of, address] of addresses) target.set(metaName("node_address_", of), address);
    const labels: LabelDraft = new Map([[`${META}node_provider_id`, node.providerId]]);
    for (const { type: of, value } of node.conditions) {
      labels.set(metaName("node_condition_", of.toLowerCase()), value.toLowerCase());
    }
    addObjectMeta(labels, "node", node.meta);
    return { targets: [Labels.of(target)], labels: Labels.of(labels) };
  },
};
