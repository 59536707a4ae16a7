import { DEFAULT_FEATURES, type QueryFeatures } from "@narthex/promql";
import type { Logger } from "@narthex/runtime";

/** Names that `--enable-feature` accepts, and how this server supports each feature. */
const FEATURES = {
  "concurrent-rule-eval": "built",
  "created-timestamp-zero-ingestion": "built",
  "delayed-compaction": "built",
  "exemplar-storage": "built",
  "extra-scrape-metrics": "built",
  "fast-startup": "built",
  "histograms-st-encoding": "built",
  "memory-snapshot-on-shutdown": "built",
  "metadata-wal-records": "built",
  "old-ui": "built",
  "otlp-deltatocumulative": "built",
  "otlp-native-delta-ingestion": "built",
  "promql-binop-fill-modifiers": "built",
  "promql-delayed-name-removal": "built",
  "promql-experimental-functions": "built",
  "promql-extended-range-selectors": "built",
  "promql-per-step-stats": "built",
  "search-api": "built",
  "st-storage": "built",
  "st-synthesis": "built",
  "type-and-unit-labels": "built",
  "use-start-timestamps": "built",
  "use-uncached-io": "built",
  "xor2-encoding": "built",
  "promql-duration-expr": "no-op",
  "native-histograms": "no-op",
  "ooo-native-histograms": "no-op",
  "auto-reload-config": "built",
} as const;

/** Replacements for feature flags that Prometheus will remove. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  "auto-reload-config": "--config.auto-reload",
  "extra-scrape-metrics": "extra_scrape_metrics in the configuration",
  "xor2-encoding": "storage.tsdb.chunk_encoding.floats in the configuration",
};

export type FeatureFlag = keyof typeof FEATURES;

export type FeatureFlags = ReadonlySet<FeatureFlag>;

/**
 * Parses the values of `--enable-feature`, which may be repeated and may contain commas. Logs a warning for unknown
 * names.
 */
export function readFeatureFlags(values: readonly string[], logger: Logger): FeatureFlags {
  const enabled = new Set<FeatureFlag>();
  for (const name of namesIn(values)) {
    const state = Object.hasOwn(FEATURES, name) ? FEATURES[name as FeatureFlag] : undefined;
    if (state === undefined) logger.warn("Unknown option for --enable-feature", { option: name });
    else if (state === "no-op")
      logger.warn("This option for --enable-feature is a no-op; the feature is always on", { option: name });
    else {
      enabled.add(name as FeatureFlag);
      const use = SUCCESSORS[name];
      if (use !== undefined) logger.warn("This option for --enable-feature is being phased out", { option: name, use });
    }
  }
  return enabled;
}

const namesIn = (values: readonly string[]): string[] =>
  values
    .flatMap((value) => value.split(","))
    .map((word) => word.trim())
    .filter((word) => word !== "");

/** Returns an error message if the given feature flags cannot be combined, otherwise undefined. */
export function featureFlagConflict(values: readonly string[]): string | undefined {
  const names = new Set(namesIn(values));
  if (!names.has("otlp-deltatocumulative") || !names.has("otlp-native-delta-ingestion")) return undefined;
  return "cannot enable otlp-deltatocumulative and otlp-native-delta-ingestion features at the same time";
}

/** Returns the PromQL features that the given feature flags enable. */
export const queryFeatures = (features: FeatureFlags): QueryFeatures => ({
  ...DEFAULT_FEATURES,
  delayedNameRemoval: features.has("promql-delayed-name-removal"),
  typeAndUnitLabels: features.has("type-and-unit-labels"),
  useStartTimestamps: features.has("use-start-timestamps"),
  experimentalFunctions: features.has("promql-experimental-functions"),
  extendedRangeSelectors: features.has("promql-extended-range-selectors"),
  binopFillModifiers: features.has("promql-binop-fill-modifiers"),
});
