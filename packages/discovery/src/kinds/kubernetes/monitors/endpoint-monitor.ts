import { clientSettings } from "../custom-objects/client-settings.ts";
import { within } from "../custom-objects/spec-error.ts";
import { type JobDraft, type Monitor, type MonitorContext, type MonitorKind } from "./monitor.ts";
import { copiedIfSet, fixed, JOB_NAME_RULE, kept, metaLabel, ownRules, type RelabelRule } from "./relabel-rules.ts";
import { endpointSettings, limitSettings } from "./scrape-settings.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";

/** A kind of monitor whose spec lists endpoints. Each endpoint becomes one scrape job. */
interface EndpointKind extends Pick<MonitorKind, "kind" | "plural"> {
  /** Name of the spec field that lists the endpoints. */
  readonly field: string;
  /** First part of the names of scrape jobs. */
  readonly jobPrefix: string;
  /** Returns the targets of an endpoint, and the generated relabeling rules that run before the monitor's own rules. */
  readonly jobOf: (
    monitor: Monitor,
    spec: SpecFields,
    endpoint: SpecFields,
    context: MonitorContext,
  ) => { readonly targets: JobDraft["targets"]; readonly rules: readonly RelabelRule[] };
}

/** Returns a monitor kind that creates one scrape job for each endpoint. */
export const endpointMonitor = ({ kind, plural, field, jobPrefix, jobOf }: EndpointKind): MonitorKind => ({
  kind,
  plural,
  version: "v1",
  drafts(monitor, context) {
    const spec = new SpecFields(monitor.spec);
    return spec.objects(field).map((endpoint, i) => {
      const place = `${field}[${i}]`;
      return within(place, () => {
        const { targets, rules } = jobOf(monitor, spec, endpoint, context);
        const metricRules = ownRules(endpoint, "metricRelabelings");
        return {
          jobName: `${jobPrefix}/${monitor.namespace}/${monitor.name}/${i}`,
          place,
          targets,
          settings: {
            ...endpointSettings(endpoint),
            ...clientSettings(endpoint, context),
            ...limitSettings(spec),
            relabel_configs: [JOB_NAME_RULE, ...rules, ...ownRules(endpoint, "relabelings")],
            ...(metricRules.length > 0 && { metric_relabel_configs: metricRules }),
          },
        };
      });
    });
  },
});

/** Returns relabeling rules that keep only the container port that `targetPort` names or numbers. */
export function targetPortRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.textOrNumber("targetPort");
  if (port === undefined || port === "" || port === 0) return [];
  const label = typeof port === "number" ? "__meta_kubernetes_pod_container_port_number" : CONTAINER_PORT;
  return [kept(label, String(port))];
}

const CONTAINER_PORT = "__meta_kubernetes_pod_container_port_name";

/** Returns relabeling rules that set the label `job` to the value of the object label named in `jobLabel`. */
export function jobLabelRules(object: string, spec: SpecFields): readonly RelabelRule[] {
  const label = spec.text("jobLabel");
  return label === "" ? [] : [copiedIfSet(metaLabel(object, "label", label), "job")];
}

/** Returns relabeling rules that set the label `endpoint`, which distinguishes the endpoints of one service or pod. */
export function endpointLabelRules(endpoint: SpecFields): readonly RelabelRule[] {
  const port = endpoint.text("port");
  if (port !== "") return [fixed("endpoint", port)];
  const target = endpoint.textOrNumber("targetPort");
  return target === undefined || target === "" ? [] : [fixed("endpoint", String(target))];
}
