import type { MatcherMode } from "@narthex/alerting";

/** What `--enable-feature` asks for. */
export interface FeatureFlags {
  /** How matchers are read. */
  readonly mode: MatcherMode;
  /** Label `receiver_name` at the metrics of notifications. */
  readonly receiverNames: boolean;
  /** Label `group_key` at the metrics of groups. */
  readonly groupKeys: boolean;
  /** Metrics of alerts by name. */
  readonly alertNames: boolean;
}

/** A list of features that does not parse; the message is upstream's. */
export class FeatureFlagError extends Error {
  override readonly name = "FeatureFlagError";
}

/** Each feature, and what is logged when it is on. */
export const FEATURE_FLAGS: Readonly<Record<string, string>> = {
  "alert-names-in-metrics": "Alert names in metrics enabled",
  "receiver-name-in-metrics": "Experimental receiver name in metrics enabled",
  "group-key-in-metrics": "Experimental group key in metrics enabled",
  "classic-mode": "Classic mode enabled",
  "utf8-strict-mode": "UTF-8 strict mode enabled",
  "auto-gomemlimit": "auto-gomemlimit is accepted: Node reads the limit of the container's memory itself",
  "event-recorder": "event-recorder is accepted, but this build records no events",
};

/** Reads a list with commas. Throws FeatureFlagError. */
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
