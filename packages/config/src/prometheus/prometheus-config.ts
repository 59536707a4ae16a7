import type { AlertingConfig } from "./alerting.ts";
import type { DownsamplingConfig } from "./downsampling.ts";
import type { GlobalConfig, RuntimeConfig } from "./global.ts";
import type { LongTermStoreConfig } from "./long-term-store.ts";
import type { RemoteReadConfig, RemoteWriteConfig } from "./remote.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import type { DiscoveryConfig } from "./targets.ts";
import type { OtlpConfig, StorageConfig, TracingConfig } from "./storage.ts";

/**
 * A complete prometheus.yml that has been checked. Defaults and inherited values are filled in. Paths are absolute or
 * relative to the working directory of the process.
 */
export interface PrometheusConfig {
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  readonly alerting: AlertingConfig;
  /** Glob patterns of rule files. Relative patterns are joined to the folder of the configuration file. */
  readonly ruleFiles: readonly string[];
  /** Glob patterns of scrape config files. Relative patterns are joined to the folder of the configuration file. */
  readonly scrapeConfigFiles: readonly string[];
  /** Jobs of the main file, followed by the jobs of the scrape config files in order. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly storage: StorageConfig;
  readonly tracing: TracingConfig | undefined;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly otlp: OtlpConfig;
  /** Mechanisms that discover whole jobs, in addition to the jobs in files. Prometheus does not have this section. */
  readonly jobDiscoveryConfigs: readonly DiscoveryConfig[];
  /** Settings for keeping downsampled data. Prometheus does not have this section. */
  readonly downsampling: readonly DownsamplingConfig[];
  /** Section `long_term_store`: a database that keeps older data. Prometheus does not have this section. */
  readonly longTermStore: LongTermStoreConfig | undefined;
}
