import { Labels } from "@narthex/model";
import { hostPort } from "../../target-labels.ts";
import { prefixedLabels } from "../../target-labels.ts";
import type { TargetGroup } from "../../target-group.ts";

/** The fields of an entry of `/v1/health/service/<name>` from which targets are made. */
export interface ServiceEntry {
  readonly Node?: null | {
    readonly Node?: string;
    readonly Address?: string;
    readonly Meta?: Readonly<Record<string, string>> | null;
    readonly TaggedAddresses?: Readonly<Record<string, string>> | null;
  };
  readonly Service?: null | {
    readonly ID?: string;
    readonly Address?: string;
    readonly Port?: number;
    readonly Tags?: readonly string[] | null;
    readonly Meta?: Readonly<Record<string, string>> | null;
    /** Namespace and partition of the service. Only Consul Enterprise sends them. */
    readonly Namespace?: string;
    readonly Partition?: string;
  };
  readonly Checks?: readonly HealthCheck[] | null;
}

interface HealthCheck {
  readonly CheckID?: string;
  readonly Status?: string;
}

export interface ServiceGroupOptions {
  readonly datacenter: string;
  readonly tagSeparator: string;
}

/** Returns the targets of one Consul service. Throws if Consul's answer is not a list of service entries. */
export function serviceGroup(
  name: string,
  entries: readonly (ServiceEntry | null)[] | null,
  { datacenter, tagSeparator }: ServiceGroupOptions,
): TargetGroup {
  const targets = listed(entries).map((entry) => {
    const node = entry?.Node ?? {};
    const service = entry?.Service ?? {};
    const port = service.Port ?? 0;
    return Labels.of({
      __address__: hostPort(service.Address || (node.Address ?? ""), port),
      __meta_consul_address: node.Address ?? "",
      __meta_consul_node: node.Node ?? "",
      __meta_consul_namespace: service.Namespace ?? "",
      __meta_consul_partition: service.Partition ?? "",
      __meta_consul_tags: `${tagSeparator}${(service.Tags ?? []).join(tagSeparator)}${tagSeparator}`,
      __meta_consul_service_address: service.Address ?? "",
      __meta_consul_service_port: String(port),
      __meta_consul_service_id: service.ID ?? "",
      __meta_consul_health: health(entry?.Checks ?? []),
      ...prefixedLabels("__meta_consul_metadata_", node.Meta),
      ...prefixedLabels("__meta_consul_service_metadata_", service.Meta),
      ...prefixedLabels("__meta_consul_tagged_address_", node.TaggedAddresses),
    });
  });
  const labels = Labels.of({ __meta_consul_service: name, __meta_consul_dc: datacenter });
  return { source: name, targets, labels };
}

function listed(entries: readonly (ServiceEntry | null)[] | null): readonly (ServiceEntry | null)[] {
  if (entries === null) return [];
  if (Array.isArray(entries)) return entries as readonly (ServiceEntry | null)[];
  throw new Error("the answer of Consul is not a list of service entries");
}

/**
 * Returns the worst status of a service's health checks. `maintenance` is the worst status. Returns "" if a status is
 * unknown.
 */
function health(checks: readonly HealthCheck[]): string {
  const found = new Set(checks.map(statusOf));
  return ["", "maintenance", "critical", "warning"].find((status) => found.has(status)) ?? "passing";
}

const STATUSES: readonly string[] = ["passing", "warning", "critical"];

function statusOf({ CheckID: id = "", Status: status = "" }: HealthCheck): string {
  if (id === "_node_maintenance" || id.startsWith("_service_maintenance:")) return "maintenance";
  return STATUSES.includes(status) ? status : "";
}
