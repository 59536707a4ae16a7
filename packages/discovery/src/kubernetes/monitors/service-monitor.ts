import { clientSettings } from "./client-settings.ts";
import { selectionOf } from "./cluster-targets.ts";
import { type JobDraft, type Monitor, type MonitorContext, MonitorError, type MonitorKind, within } from "./monitor.ts";
import {
  copied,
  copiedIfSet,
  fixed,
  JOB_NAME_RULE,
  kept,
  metaLabel,
  ownRules,
  type RelabelRule,
  RUNNING_RULE,
  targetLabelRules,
} from "./relabel-rules.ts";
import { endpointSettings, limitSettings } from "./scrape-settings.ts";
import type { ServiceDiscoveryRole } from "./section.ts";
import { SpecFields } from "./spec-fields.ts";

/** The pods behind services; https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor */
export const serviceMonitor: MonitorKind = {
  kind: "ServiceMonitor",
  plural: "servicemonitors",
  drafts(monitor, context) {
    const spec = new SpecFields(monitor.spec);
    return spec.objects("endpoints").map((endpoint, i) => {
      const place = `endpoints[${i}]`;
      return within(place, () =>
        draft(monitor, spec, endpoint, `${monitor.namespace}/${monitor.name}/${i}`, place, context),
      );
    });
  },
};

function draft(
  monitor: Monitor,
  spec: SpecFields,
  endpoint: SpecFields,
  id: string,
  place: string,
  context: MonitorContext,
): JobDraft {
  const role = roleOf(spec, context);
  const { targets, rules } = selectionOf(monitor, spec, role, "service", [role, "service"], context);
  const relabelings = [
    JOB_NAME_RULE,
    ...rules,
    ...portRules(endpoint, role),
    ...objectRules(role),
    ...(endpoint.flag("filterRunning") === false ? [] : [RUNNING_RULE]),
    ...targetLabelRules("service", spec.texts("targetLabels")),
    ...targetLabelRules("pod", [...spec.texts("podTargetLabels"), ...context.podTargetLabels]),
    { ...copied("__meta_kubernetes_service_name", "job"), replacement: "${1}" },
    ...jobLabelRules("service", spec),
    ...endpointLabelRules(endpoint),
    ...ownRules(endpoint, "relabelings"),
  ];
  const metricRules = ownRules(endpoint, "metricRelabelings");
  return {
    jobName: `serviceMonitor/${id}`,
    place,
    targets,
    settings: {
      ...endpointSettings(endpoint),
      ...clientSettings(endpoint, context),
      ...limitSettings(spec),
      relabel_configs: relabelings,
      ...(metricRules.length > 0 && { metric_relabel_configs: metricRules }),
    },
  };
}

function roleOf(spec: SpecFields, { serviceDiscoveryRole }: MonitorContext): ServiceDiscoveryRole {
  const own = spec.text("serviceDiscoveryRole");
  if (own === "") return serviceDiscoveryRole;
  if (own === "Endpoints") return "endpoints";
  if (own === "EndpointSlice") return "endpointslice";
  throw new MonitorError(`unknown serviceDiscoveryRole ${JSON.stringify(own)}`);
}

/** Returns the prefix of the role's meta labels, after `__meta_kubernetes_`. */
const prefixOf = (role: ServiceDiscoveryRole): string => (role === "endpoints" ? "endpoint" : "endpointslice");

/** Returns rules that keep the port of the service by its name, otherwise that of a container by name or number. */
function portRules(endpoint: SpecFields, role: ServiceDiscoveryRole): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [kept(`__meta_kubernetes_${prefixOf(role)}_port_name`, port)];
  return targetPortRules(endpoint);
}

/** Returns rules that keep the containers' port by `targetPort`, a name or a number. */
export function targetPortRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.textOrNumber("targetPort");
  if (port === undefined || port === "" || port === 0) return [];
  const label = typeof port === "number" ? "__meta_kubernetes_pod_container_port_number" : CONTAINER_PORT;
  return [kept(label, String(port))];
}

const CONTAINER_PORT = "__meta_kubernetes_pod_container_port_name";

/** Returns rules for the names of the objects behind a target. */
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

/** Returns rules that set the job's name from the label in `jobLabel`. */
export function jobLabelRules(object: string, spec: SpecFields): readonly RelabelRule[] {
  const label = spec.text("jobLabel");
  return label === "" ? [] : [copiedIfSet(metaLabel(object, "label", label), "job")];
}

/** Returns rules for the label `endpoint`, which distinguishes several endpoints of one service or pod. */
export function endpointLabelRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [fixed("endpoint", port)];
  const target = endpoint.textOrNumber("targetPort");
  return target === undefined || target === "" ? [] : [fixed("endpoint", String(target))];
}
