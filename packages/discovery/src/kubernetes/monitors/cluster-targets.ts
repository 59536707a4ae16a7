import type { AttachMetadata, KubernetesRole } from "../section.ts";
import { MonitorError, type Monitor, type MonitorContext, type TargetsOfCluster, within } from "./monitor.ts";
import { MonitorSelector } from "./label-selector.ts";
import type { RelabelRule } from "./relabel-rules.ts";
import type { SpecFields } from "./spec-fields.ts";

/** What a monitor selects, and how: by relabeling, or already where the API is asked. */
export interface Selection {
  readonly targets: TargetsOfCluster;
  /** Relabelings that the selection takes. */
  readonly rules: readonly RelabelRule[];
}

/**
 * What a monitor finds its targets by.
 * @param object whose labels `selector` is about: `service`, `pod`
 * @param about the kinds of objects that are selected where the API is asked
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
    throw new MonitorError(`unknown selectorMechanism ${JSON.stringify(mechanism)}`);
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

/** The namespaces that a monitor finds targets in; none = all. */
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
