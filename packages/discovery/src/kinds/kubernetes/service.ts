import { Labels } from "@narthex/model";
import { type ApiResource, keepMeta, type ObjectMeta, type RawObject } from "./api-object.ts";
import { addNamespace } from "./joined.ts";
import { addObjectMeta, type LabelDraft, META, NAMESPACE } from "./meta-labels.ts";
import { hostPort } from "../../target-labels.ts";
import type { Role } from "./role.ts";

export interface Service {
  readonly meta: ObjectMeta;
  readonly type: string;
  readonly clusterIp: string;
  readonly externalName: string;
  /** Addresses of the service's load balancer, joined with commas. */
  readonly loadBalancerIps: string;
  /** The first IP family of a service that can have two families. If "", endpoint slices of any family are used. */
  readonly primaryFamily: string;
  readonly ports: readonly ServicePort[];
}

interface ServicePort {
  readonly name: string;
  readonly number: number;
  readonly protocol: string;
}

/**
 * The fields of a Service that discovery reads;
 * https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
 */
interface RawService extends RawObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly loadBalancerIP?: string;
    readonly ipFamilies?: readonly string[] | null;
    readonly ipFamilyPolicy?: string;
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[] | null;
  };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] | null } };
}

export const services: ApiResource<Service> = {
  group: "/api/v1",
  plural: "services",
  isNamespaced: true,
  keep(raw) {
    const { spec, status } = raw as RawService;
    const ips = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip || []);
    const isDual = spec?.ipFamilyPolicy === "PreferDualStack" || spec?.ipFamilyPolicy === "RequireDualStack";
    return {
      meta: keepMeta(raw),
      type: spec?.type ?? "",
      clusterIp: spec?.clusterIP ?? "",
      externalName: spec?.externalName ?? "",
      loadBalancerIps: ips.length > 0 ? ips.join(",") : (spec?.loadBalancerIP ?? ""),
      primaryFamily: (isDual ? spec?.ipFamilies?.[0] : undefined) ?? "",
      ports: (spec?.ports ?? []).map(({ name = "", port, protocol = "" }) => ({ name, number: port, protocol })),
    };
  },
};

/** Adds the labels of a service to targets of its endpoints: name, labels and annotations. */
export function addService(draft: LabelDraft, service: Service): void {
  draft.set(NAMESPACE, service.meta.namespace);
  addObjectMeta(draft, "service", service.meta);
}

/** Finds one target per port of a service, with the service's DNS name as address. */
export const serviceRole: Role<Service> = {
  name: "service",
  resource: services,
  source: "svc",
  joins: [],
  attachable: ["namespace"],
  group(service, joined) {
    const labels: LabelDraft = new Map();
    addService(labels, service);
    addNamespace(labels, joined, service.meta.namespace);
    const host = `${service.meta.name}.${service.meta.namespace}.svc`;
    const targets = service.ports.map((port) =>
      Labels.of({
        __address__: hostPort(host, port.number),
        [`${META}service_port_name`]: port.name,
        [`${META}service_port_number`]: String(port.number),
        [`${META}service_port_protocol`]: port.protocol,
        [`${META}service_type`]: service.type,
        ...(service.type === "ExternalName"
          ? { [`${META}service_external_name`]: service.externalName }
          : { [`${META}service_cluster_ip`]: service.clusterIp }),
        ...(service.type === "LoadBalancer" ? { [`${META}service_loadbalancer_ip`]: service.loadBalancerIps } : {}),
      }),
    );
    return { targets, labels: Labels.of(labels) };
  },
};
