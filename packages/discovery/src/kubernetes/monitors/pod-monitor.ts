import { clientSettings } from "./client-settings.ts";
import { selectionOf } from "./cluster-targets.ts";
import { type JobDraft, type Monitor, type MonitorContext, type MonitorKind, within } from "./monitor.ts";
import {
  copied,
  fixed,
  JOB_NAME_RULE,
  kept,
  ownRules,
  type RelabelRule,
  RUNNING_RULE,
  targetLabelRules,
} from "./relabel-rules.ts";
import { endpointSettings, limitSettings } from "./scrape-settings.ts";
import { endpointLabelRules, jobLabelRules, targetPortRules } from "./service-monitor.ts";
import { SpecFields } from "./spec-fields.ts";

/** Pods; https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor */
export const podMonitor: MonitorKind = {
  kind: "PodMonitor",
  plural: "podmonitors",
  drafts(monitor, context) {
    const spec = new SpecFields(monitor.spec);
    return spec.objects("podMetricsEndpoints").map((endpoint, i) => {
      const place = `podMetricsEndpoints[${i}]`;
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
  const { targets, rules } = selectionOf(monitor, spec, "pod", "pod", ["pod"], context);
  const relabelings = [
    JOB_NAME_RULE,
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
    ...ownRules(endpoint, "relabelings"),
  ];
  const metricRules = ownRules(endpoint, "metricRelabelings");
  return {
    jobName: `podMonitor/${id}`,
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

/** Returns rules that keep a container's port by its name, otherwise by its number. */
function portRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [kept("__meta_kubernetes_pod_container_port_name", port)];
  const number = endpoint.textOrNumber("portNumber");
  if (number !== undefined && number !== 0) {
    return [kept("__meta_kubernetes_pod_container_port_number", String(number))];
  }
  return targetPortRules(endpoint);
}
