import { type DiscoveryKind, field, flag, INVALID, listOf, oneOf, section, text } from "@narthex/config";
import { type ObjectSelection, selectionFault, selectorFields } from "../custom-objects/selection.ts";
import { apiServerFields } from "../section.ts";

/** Kinds of prometheus-operator objects that this build supports. */
export const MONITOR_KINDS = ["ServiceMonitor", "PodMonitor", "Probe", "PrometheusRule"] as const;

export type MonitorKindName = (typeof MONITOR_KINDS)[number];

/** Kind of Kubernetes object that lists the pods of a service. */
export type ServiceDiscoveryRole = "endpoints" | "endpointslice";

/** Settings that apply to all jobs created from monitors. */
export interface MonitorRules {
  readonly serviceDiscoveryRole: ServiceDiscoveryRole;
  /** Names of pod labels that all targets get, in addition to the labels that a monitor names. */
  readonly podTargetLabels: readonly string[];
  /** Whether every monitor selects objects only in its own namespace, and its namespace selector is ignored. */
  readonly ignoreNamespaceSelectors: boolean;
  /** Whether monitors that refer to files on this machine are refused. */
  readonly denyFileAccess: boolean;
}

/** One entry of `kubernetes_monitor_configs`. */
export interface MonitorDiscovery extends ObjectSelection, MonitorRules {
  readonly kinds: readonly MonitorKindName[];
}

const kind = oneOf<MonitorKindName>(MONITOR_KINDS, (found) => `unknown kind of monitor ${JSON.stringify(found)}`);
const role = oneOf<ServiceDiscoveryRole>(
  ["endpoints", "endpointslice"],
  (found) => `unknown service_discovery_role ${JSON.stringify(found)}`,
);

export const monitorSection = section<MonitorDiscovery>(
  "kubernetes.plain",
  {
    ...apiServerFields,
    kinds: field("kinds", listOf(kind), ["ServiceMonitor", "PodMonitor"], true),
    ...selectorFields,
    serviceDiscoveryRole: field("service_discovery_role", role, "endpoints", true),
    podTargetLabels: field("pod_target_labels", listOf(text), []),
    ignoreNamespaceSelectors: field("ignore_namespace_selectors", flag, false),
    denyFileAccess: field("deny_file_access", flag, false),
  },
  (value, at, report) => {
    const fault = selectionFault(value, at);
    if (fault !== undefined) {
      report(fault.at, fault.code, fault.message, fault.hint);
      return INVALID;
    }
    if (value.kinds.length === 0) {
      report(at.kinds, "monitor-kinds", "kinds is empty: nothing is read", `name some of ${MONITOR_KINDS.join(", ")}`);
      return INVALID;
    }
    return value;
  },
);

export const monitorDiscovery: DiscoveryKind = { key: "kubernetes_monitor_configs", codec: monitorSection };
