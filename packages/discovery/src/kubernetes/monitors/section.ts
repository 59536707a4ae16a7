import { type DiscoveryKind, field, flag, INVALID, listOf, oneOf, section, text } from "@narthex/config";
import { type ApiServerSettings, accessFault, apiServerFields } from "../section.ts";
import { labelSelectorFault } from "../selector.ts";

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
export interface MonitorDiscovery extends ApiServerSettings, MonitorRules {
  readonly kinds: readonly MonitorKindName[];
  /** Label selector of the monitors, or "" for all. */
  readonly selector: string;
  /** Label selector of the monitors' namespaces, or "" for all. */
  readonly namespaceSelector: string;
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
    selector: field("selector", text, ""),
    namespaceSelector: field("namespace_selector", text, ""),
    serviceDiscoveryRole: field("service_discovery_role", role, "endpoints", true),
    podTargetLabels: field("pod_target_labels", listOf(text), []),
    ignoreNamespaceSelectors: field("ignore_namespace_selectors", flag, false),
    denyFileAccess: field("deny_file_access", flag, false),
  },
  (value, at, report) => {
    const access = accessFault(value, at);
    if (access !== undefined) {
      report(access.at, access.code, access.message, access.hint);
      return INVALID;
    }
    if (value.kinds.length === 0) {
      report(at.kinds, "monitor-kinds", "kinds is empty: nothing is read", `name some of ${MONITOR_KINDS.join(", ")}`);
      return INVALID;
    }
    for (const name of ["selector", "namespaceSelector"] as const) {
      const fault = labelSelectorFault(value[name]);
      if (fault === undefined) continue;
      report(at[name], "kubernetes-selector", fault, "write it as in app=a,tier in (b, c),!d");
      return INVALID;
    }
    return value;
  },
);

export const monitorDiscovery: DiscoveryKind = { key: "kubernetes_monitor_configs", codec: monitorSection };
