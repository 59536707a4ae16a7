import type { MatcherMode } from "@narthex/alerting";

export interface FeatureFlags {
  readonly mode: MatcherMode;
  /** Whether metrics of notifications have the label `receiver_name`. */
  readonly receiverNames: boolean;
  /** Whether metrics of groups have the label `group_key`. */
  readonly groupKeys: boolean;
  /** Whether the metric of alerts that were dropped because of the limit per alert name has the label `alertname`. */
  readonly alertNames: boolean;
}

/** Thrown for an invalid list of features. The message has the same words as in the original Alertmanager. */
export class FeatureFlagError extends Error {
  override readonly name = "FeatureFlagError";
}

/** Log lines for enabled features, by the name of the feature. */
const FEATURE_FLAGS: Readonly<Record<string, string>> = {
  "alert-names-in-metrics": "Alert names in metrics enabled",
  "receiver-name-in-metrics": "Experimental receiver name in metrics enabled",
  "group-key-in-metrics": "Experimental group key in metrics enabled",
  "classic-mode": "Classic mode enabled",
  "utf8-strict-mode": "UTF-8 strict mode enabled",
  "auto-gomemlimit": "auto-gomemlimit is accepted: Node reads the limit of the container's memory itself",
  "event-recorder": "event-recorder is accepted, but this build records no events",
};

/** Parses a list of features, separated by commas. Throws FeatureFlagError. */
export function readFeatureFlags(list: string, warn: (message: string) => void): FeatureFlags {
  const names = list === "" ? [] : list.split(",");
  for (const name of names) {
    const message = Object.hasOwn(FEATURE_FLAGS, name) ? FEATURE_FLAGS[name] : undefined;
    if (message === undefined) throw new FeatureFlagError(`unknown option '${name}' for --enable-feature`);
    warn(message);
  }
  const [classic, utf8] = [names.includes("classic-mode"), names.includes("utf8-strict-mode")];
  if (classic && utf8) throw new FeatureFlagError("cannot have both classic and UTF-8 modes enabled");
  return {
    mode: classic ? "classic" : utf8 ? "utf8" : "fallback",
    receiverNames: names.includes("receiver-name-in-metrics"),
    groupKeys: names.includes("group-key-in-metrics"),
    alertNames: names.includes("alert-names-in-metrics"),
  };
}
