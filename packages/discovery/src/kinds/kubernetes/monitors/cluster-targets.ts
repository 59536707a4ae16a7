import type { AttachMetadata, KubernetesRole } from "../section.ts";
import { SpecError, within } from "../custom-objects/spec-error.ts";
import { type Monitor, type MonitorContext, type TargetsOfCluster } from "./monitor.ts";
import { MonitorSelector } from "./label-selector.ts";
import type { RelabelRule } from "./relabel-rules.ts";
import type { SpecFields } from "../custom-objects/spec-fields.ts";

/**
 * How the targets of a monitor are selected: by the selectors in the API request (`targets.selectors`), or by
 * relabeling (`rules`).
 */
export interface Selection {
  readonly targets: TargetsOfCluster;
  readonly rules: readonly RelabelRule[];
}

/**
 * Returns how the targets of a monitor are selected. @param object kind whose labels `selector` matches: `service`,
 * `pod` @param about kinds of objects that are selected in the request to the API
 */
export function selectionOf(
  monitor: Monitor,
  spec: SpecFields,
  role: KubernetesRole,
  object: string,
  about: readonly KubernetesRole[],
  context: MonitorContext,
): Selection {
  const selector = within("selector", () => new MonitorSelector(spec.object("selector")));
  const mechanism = spec.text("selectorMechanism") || "RelabelConfig";
  if (mechanism !== "RelabelConfig" && mechanism !== "RoleSelector")
    throw new SpecError(`unknown selectorMechanism ${JSON.stringify(mechanism)}`);
  const asks = mechanism === "RoleSelector";
  return {
    targets: {
      role,
      namespaces: namespacesOf(monitor, spec.object("namespaceSelector"), context),
      attach: { ...NOTHING_ATTACHED, node: spec.object("attachMetadata")?.flag("node") ?? false },
      selectors: asks ? about.map((one) => ({ role: one, label: selector.text, field: "" })) : [],
    },
    rules: asks ? [] : selector.rules(object),
  };
}

export const NOTHING_ATTACHED: AttachMetadata = {
  node: false,
  namespace: false,
  deployment: false,
  job: false,
  cronjob: false,
};

/** Returns the namespaces in which a monitor finds targets. An empty list means all namespaces. */
export function namespacesOf(
  { namespace }: Monitor,
  selector: SpecFields | undefined,
  { ignoreNamespaceSelectors }: MonitorContext,
): readonly string[] {
  if (ignoreNamespaceSelectors) return [namespace];
  if (selector?.flag("any") === true) return [];
  const named = selector?.texts("matchNames") ?? [];
  return named.length === 0 ? [namespace] : named;
}
