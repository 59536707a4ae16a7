import { type DiscoveryKind, printPrometheusConfig, type PrometheusConfig } from "@narthex/config";
import { jobDiscoveryKinds } from "@narthex/discovery";
import type { FeatureFlags } from "../feature-flags.ts";
import type { ServerFlags } from "../flags.ts";
import { DEFAULT_EXEMPLARS, retentionOf } from "../storage/retention.ts";

/**
 * Returns the current configuration as YAML for `/api/v1/status/config`. Values that the file does not set come from
 * flags and features.
 */
export function effectiveYaml(
  config: PrometheusConfig,
  kinds: readonly DiscoveryKind[],
  flags: ServerFlags,
  features: FeatureFlags,
): string {
  if (flags.agent) return printPrometheusConfig(config, kinds, jobDiscoveryKinds);
  const { timeMs, sizeBytes, percentage } = retentionOf(flags, config);
  const exemplars = features.has("exemplar-storage") ? DEFAULT_EXEMPLARS : undefined;
  const storage = {
    ...config.storage,
    retention: config.storage.retention ?? { timeMs, sizeBytes, percentage },
    maxExemplars: config.storage.maxExemplars ?? exemplars,
  };
  return printPrometheusConfig({ ...config, storage }, kinds, jobDiscoveryKinds);
}
