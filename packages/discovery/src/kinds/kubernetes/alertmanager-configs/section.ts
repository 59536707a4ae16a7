import { field, INVALID, oneOf, section, text } from "@narthex/config";
import { type ObjectSelection, selectionFault, selectorFields } from "../custom-objects/selection.ts";
import { apiServerFields } from "../section.ts";

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
    ...selectorFields,
    matcherStrategy: field("matcher_strategy", strategy, "OnNamespace", true),
    alertmanagerNamespace: field("alertmanager_namespace", text, ""),
  },
  (value, at, report) => {
    const fault = selectionFault(value, at);
    if (fault !== undefined) {
      report(fault.at, fault.code, fault.message, fault.hint);
      return INVALID;
    }
    return value;
  },
);
