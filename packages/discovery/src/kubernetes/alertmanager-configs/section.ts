import { field, INVALID, oneOf, section, text } from "@narthex/config";
import type { ObjectSelection } from "../custom-objects/object-source.ts";
import { accessFault, apiServerFields } from "../section.ts";
import { labelSelectorFault } from "../selector.ts";

/** Versions of the kind AlertmanagerConfig. */
export const API_VERSIONS = ["v1alpha1", "v1beta1"] as const;

export type AlertmanagerConfigVersion = (typeof API_VERSIONS)[number];

/** Which alerts an object may route and inhibit. The names are those of the operator's `alertmanagerConfigMatcherStrategy`. */
const STRATEGIES = ["OnNamespace", "OnNamespaceExceptForAlertmanagerNamespace", "None"] as const;

export type MatcherStrategy = (typeof STRATEGIES)[number];

/** One entry of `kubernetes_alertmanager_configs`. */
export interface AlertmanagerConfigSelection extends ObjectSelection {
  readonly apiVersion: AlertmanagerConfigVersion;
  readonly matcherStrategy: MatcherStrategy;
  /** Namespace whose objects get all alerts with the second strategy. "" means the namespace of this process. */
  readonly alertmanagerNamespace: string;
}

const apiVersion = oneOf<AlertmanagerConfigVersion>(
  API_VERSIONS,
  (found) => `unknown api_version ${JSON.stringify(found)}`,
);
const strategy = oneOf<MatcherStrategy>(STRATEGIES, (found) => `unknown matcher_strategy ${JSON.stringify(found)}`);

/** Codec of one entry of `kubernetes_alertmanager_configs`. */
export const alertmanagerConfigSelection = section<AlertmanagerConfigSelection>(
  "config.plain",
  {
    ...apiServerFields,
    apiVersion: field("api_version", apiVersion, "v1alpha1", true),
    selector: field("selector", text, ""),
    namespaceSelector: field("namespace_selector", text, ""),
    matcherStrategy: field("matcher_strategy", strategy, "OnNamespace", true),
    alertmanagerNamespace: field("alertmanager_namespace", text, ""),
  },
  (value, at, report) => {
    const access = accessFault(value, at);
    if (access !== undefined) {
      report(access.at, access.code, access.message, access.hint);
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
