import { selectionOf } from "./cluster-targets.ts";
import { endpointLabelRules, endpointMonitor, jobLabelRules, targetPortRules } from "./endpoint-monitor.ts";
import type { MonitorKind } from "./monitor.ts";
import { copied, fixed, kept, type RelabelRule, RUNNING_RULE, targetLabelRules } from "./relabel-rules.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

/**
 * The kind PodMonitor, which selects pods;
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor
 */
export const podMonitor: MonitorKind = endpointMonitor({
  kind: "PodMonitor",
  plural: "podmonitors",
  field: "podMetricsEndpoints",
  jobPrefix: "podMonitor",
  jobOf(monitor, spec, endpoint, context) {
    const { targets, rules } = selectionOf(monitor, spec, "pod", "pod", ["pod"], context);
    return {
      targets,
      rules: [
        ...(endpoint.flag("filterRunning") === false ? [] : [RUNNING_RULE]),
        ...rules,
        ...portRules(endpoint),
        copied("__meta_kubernetes_namespace", "namespace"),
        copied("__meta_kubernetes_pod_container_name", "container"),
        copied("__meta_kubernetes_pod_name", "pod"),
        ...targetLabelRules("pod", [...spec.texts("podTargetLabels"), ...context.podTargetLabels]),
        fixed("job", `${monitor.namespace}/${monitor.name}`),
        ...jobLabelRules("pod", spec),
        ...endpointLabelRules(endpoint),
      ],
    };
  },
});

/** Returns relabeling rules that keep a container port by its name, or by its number if the monitor gives no name. */
function portRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [kept("__meta_kubernetes_pod_container_port_name", port)];
  const number = endpoint.textOrNumber("portNumber");
  if (number !== undefined && number !== 0) {
    return [kept("__meta_kubernetes_pod_container_port_number", String(number))];
  }
  return targetPortRules(endpoint);
}
