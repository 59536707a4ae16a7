import { clientSettings, proxySettings } from "../custom-objects/client-settings.ts";
import { namespacesOf, NOTHING_ATTACHED } from "./cluster-targets.ts";
import { MonitorSelector } from "./label-selector.ts";
import { SpecError, within } from "../custom-objects/spec-error.ts";
import { type Json, type Monitor, type MonitorContext, type MonitorKind } from "./monitor.ts";
import { copied, fixed, JOB_NAME_RULE, ownRules, type RelabelRule } from "./relabel-rules.ts";
import { limitSettings, schemeSetting } from "./scrape-settings.ts";
import { SpecFields } from "../custom-objects/spec-fields.ts";

/**
 * The kind Probe, whose targets are probed by a prober such as the blackbox exporter;
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Probe
 */
export const probe: MonitorKind = {
  kind: "Probe",
  plural: "probes",
  version: "v1",
  drafts(monitor, context) {
    const spec = new SpecFields(monitor.spec);
    const prober = spec.object("prober");
    if (prober === undefined) throw new SpecError("prober is missing");
    const address = proberAddress(prober.text("url"));
    const targets = spec.object("targets");
    // If a probe has both static targets and an ingress, only the static targets are used.
    const fixedTargets = targets?.object("staticConfig");
    const ingress = targets?.object("ingress");
    if (fixedTargets === undefined && ingress === undefined)
      throw new SpecError("targets names neither staticConfig nor ingress");
    const found =
      fixedTargets === undefined
        ? within("targets.ingress", () => ingressTargets(monitor, ingress!, address, context))
        : within("targets.staticConfig", () => staticTargets(monitor, fixedTargets, address));
    const jobName = spec.text("jobName");
    const metricRules = ownRules(spec, "metricRelabelings");
    const draft = {
      jobName: `probe/${monitor.namespace}/${monitor.name}`,
      place: "",
      targets: found.targets,
      settings: {
        honor_timestamps: true,
        metrics_path: prober.text("path") || "/probe",
        ...spec.renamed({ interval: "scrape_interval", scrapeTimeout: "scrape_timeout" }),
        ...schemeSetting(prober),
        ...params(spec),
        ...limitSettings(spec),
        ...clientSettings(spec, context),
        ...proxySettings(prober, context.references),
        ...found.settings,
        relabel_configs: [JOB_NAME_RULE, ...(jobName === "" ? [] : [fixed("job", jobName)]), ...found.rules],
        ...(metricRules.length > 0 && { metric_relabel_configs: metricRules }),
      },
    };
    return [draft];
  },
};

function proberAddress(address: string): string {
  if (/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+)(:\d{1,5})?$/.test(address)) return address;
  throw new SpecError(`prober.url ${JSON.stringify(address)} is not a host or host:port`);
}

/** Returns the URL parameters of the probe request. `module` takes precedence over a parameter `module` in `params`. */
function params(spec: SpecFields): Record<string, Json> {
  const module = spec.text("module");
  const values: Record<string, Json> = module === "" ? {} : { module: [module] };
  for (const param of spec.objects("params")) {
    const name = param.text("name");
    if (!(module !== "" && name === "module")) values[name] = param.texts("values");
  }
  return Object.keys(values).length === 0 ? {} : { params: values };
}

interface ProbeTargets {
  readonly targets: ({ readonly role: "ingress" } & ReturnType<typeof ingressesOf>) | undefined;
  readonly settings: Readonly<Record<string, Json>>;
  readonly rules: readonly RelabelRule[];
}

function staticTargets({ namespace }: Monitor, config: SpecFields, address: string): ProbeTargets {
  const labels = config.object("labels");
  const named = Object.fromEntries((labels?.keys ?? []).map((name) => [name, labels!.text(name)]));
  return {
    targets: undefined,
    settings: { static_configs: [{ targets: config.texts("static"), labels: { namespace, ...named } }] },
    rules: [
      copied("__address__", "__param_target"),
      copied("__param_target", "instance"),
      fixed("__address__", address),
      ...ownRules(config, "relabelingConfigs"),
    ],
  };
}

const ingressesOf = (monitor: Monitor, ingress: SpecFields, context: MonitorContext) => ({
  role: "ingress" as const,
  namespaces: namespacesOf(monitor, ingress.object("namespaceSelector"), context),
  attach: NOTHING_ATTACHED,
  selectors: [],
});

function ingressTargets(monitor: Monitor, ingress: SpecFields, address: string, context: MonitorContext): ProbeTargets {
  const selector = within("selector", () => new MonitorSelector(ingress.object("selector")));
  return {
    targets: ingressesOf(monitor, ingress, context),
    settings: {},
    rules: [
      ...selector.rules("ingress"),
      {
        source_labels: ["__meta_kubernetes_ingress_scheme", "__address__", "__meta_kubernetes_ingress_path"],
        separator: ";",
        regex: "(.+);(.+);(.+)",
        target_label: "__param_target",
        replacement: "${1}://${2}${3}",
        action: "replace",
      },
      copied("__meta_kubernetes_namespace", "namespace"),
      copied("__meta_kubernetes_ingress_name", "ingress"),
      {
        source_labels: ["__address__"],
        separator: ";",
        regex: "(.*)",
        target_label: "__tmp_ingress_address",
        replacement: "$1",
        action: "replace",
      },
      copied("__param_target", "instance"),
      fixed("__address__", address),
      ...ownRules(ingress, "relabelingConfigs"),
    ],
  };
}
