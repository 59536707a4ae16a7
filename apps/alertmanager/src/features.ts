import type { MatcherMode } from "@narthex/alerting";
import type { Logger } from "@narthex/runtime";

const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  "alert-names-in-metrics": "alert names in metrics are not in this build yet",
  "receiver-name-in-metrics": "receiver names in metrics are not in this build yet",
  "group-key-in-metrics": "group keys in metrics are not in this build yet",
  "event-recorder": "the event recorder is not in this build yet",
};

/** How matchers are read under `--enable-feature`; undefined after logging a mistake. */
export function matcherMode(values: readonly string[], logger: Logger): MatcherMode | undefined {
  const features = values.flatMap((value) => value.split(",")).map((name) => name.trim());
  for (const name of features) {
    const sentence = WITHOUT_EFFECT[name];
    if (sentence !== undefined) logger.warn("Feature has no effect in this build", { feature: name, reason: sentence });
    else if (!["", "auto-gomemlimit", "classic-mode", "utf8-strict-mode"].includes(name)) {
      logger.error("error parsing the feature flag list", { err: `Unknown option '${name}' for --enable-feature` });
      return undefined;
    }
  }
  const [classic, utf8] = [features.includes("classic-mode"), features.includes("utf8-strict-mode")];
  if (classic && utf8) {
    logger.error("error parsing the feature flag list", {
      err: "cannot have both classic-mode and utf8-strict-mode enabled",
    });
    return undefined;
  }
  return classic ? "classic" : utf8 ? "utf8" : "fallback";
}
