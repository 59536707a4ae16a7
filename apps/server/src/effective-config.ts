import { type DiscoveryKind, printPrometheusConfig, type PrometheusConfig } from "@narthex/config";
import type { Features } from "./features.ts";
import type { ServerFlags } from "./flags.ts";
import { retentionOf } from "./retention.ts";

/** Exemplars kept where the feature is on and the file does not say how many. */
export const DEFAULT_EXEMPLARS = 100_000;

/**
 * The configuration in force as YAML, as `/api/v1/status/config` shows it: what flags and features decide where the
 * file leaves it open is filled in.
 */
export function effectiveYaml(
  config: PrometheusConfig,
  kinds: readonly DiscoveryKind[],
  flags: ServerFlags,
  features: Features,
): string {
  const { timeMs, sizeBytes, percentage } = retentionOf(flags, config);
  const exemplars = features.has("exemplar-storage") ? DEFAULT_EXEMPLARS : undefined;
  const storage = {
    ...config.storage,
    retention: config.storage.retention ?? { timeMs, sizeBytes, percentage },
    maxExemplars: config.storage.maxExemplars ?? exemplars,
  };
  return printPrometheusConfig({ ...config, storage }, kinds);
}
