import { selectionOf } from "./cluster-targets.ts";
import { endpointLabelRules, endpointMonitor, jobLabelRules, targetPortRules } from "./endpoint-monitor.ts";
import { SpecError } from "../custom-objects/spec-error.ts";
import { type MonitorContext, type MonitorKind } from "./monitor.ts";
import { copied, kept, type RelabelRule, RUNNING_RULE, targetLabelRules } from "./relabel-rules.ts";
import type { ServiceDiscoveryRole } from "./section.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

/**
 * The kind ServiceMonitor, which selects the pods behind services;
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
 */
export const serviceMonitor: MonitorKind = endpointMonitor({
  kind: "ServiceMonitor",
  plural: "servicemonitors",
  field: "endpoints",
  jobPrefix: "serviceMonitor",
  jobOf(monitor, spec, endpoint, context) {
    const role = roleOf(spec, context);
    const { targets, rules } = selectionOf(monitor, spec, role, "service", [role, "service"], context);
    return {
      targets,
      rules: [
        ...rules,
        ...portRules(endpoint, role),
        ...objectRules(role),
        ...(endpoint.flag("filterRunning") === false ? [] : [RUNNING_RULE]),
        ...targetLabelRules("service", spec.texts("targetLabels")),
        ...targetLabelRules("pod", [...spec.texts("podTargetLabels"), ...context.podTargetLabels]),
        { ...copied("__meta_kubernetes_service_name", "job"), replacement: "${1}" },
        ...jobLabelRules("service", spec),
        ...endpointLabelRules(endpoint),
      ],
    };
  },
});

function roleOf(spec: SpecFields, { serviceDiscoveryRole }: MonitorContext): ServiceDiscoveryRole {
  const own = spec.text("serviceDiscoveryRole");
  if (own === "") return serviceDiscoveryRole;
  if (own === "Endpoints") return "endpoints";
  if (own === "EndpointSlice") return "endpointslice";
  throw new SpecError(`unknown serviceDiscoveryRole ${JSON.stringify(own)}`);
}

/** Returns the prefix of the role's meta labels, after `__meta_kubernetes_`. */
const prefixOf = (role: ServiceDiscoveryRole): string => (role === "endpoints" ? "endpoint" : "endpointslice");

/** Returns relabeling rules that keep a service port by name, or a container port by name or number. */
function portRules(endpoint: SpecFields, role: ServiceDiscoveryRole): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [kept(`__meta_kubernetes_${prefixOf(role)}_port_name`, port)];
  return targetPortRules(endpoint);
}

/** Returns relabeling rules that set labels such as `pod` and `service` to the names of the objects of a target. */
function objectRules(role: ServiceDiscoveryRole): readonly RelabelRule[] {
  const address = `__meta_kubernetes_${prefixOf(role)}_address_target`;
  const ownerRule = (kind: string, target: string): RelabelRule => ({
    source_labels: [`${address}_kind`, `${address}_name`],
    separator: ";",
    regex: `${kind};(.*)`,
    replacement: "${1}",
    target_label: target,
  });
  return [
    ownerRule("Node", "node"),
    ownerRule("Pod", "pod"),
    copied("__meta_kubernetes_namespace", "namespace"),
    copied("__meta_kubernetes_service_name", "service"),
    copied("__meta_kubernetes_pod_name", "pod"),
    copied("__meta_kubernetes_pod_container_name", "container"),
  ];
}
