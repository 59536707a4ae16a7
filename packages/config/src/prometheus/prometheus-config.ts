import type { AlertingConfig } from "./alerting.ts";
import type { DownsamplingConfig } from "./downsampling.ts";
import type { GlobalConfig, RuntimeConfig } from "./global.ts";
import type { LongTermStoreConfig } from "./long-term-store.ts";
import type { RemoteReadConfig, RemoteWriteConfig } from "./remote.ts";
import type { ScrapeConfig } from "./scrape-config.ts";
import type { DiscoveryConfig } from "./targets.ts";
import type { OtlpConfig, StorageConfig, TracingConfig } from "./storage.ts";

/** A whole prometheus.yml: checked, defaults and inheritance applied, paths absolute or relative to the process. */
export interface PrometheusConfig {
  readonly global: GlobalConfig;
  readonly runtime: RuntimeConfig;
  readonly alerting: AlertingConfig;
  /** Glob patterns, joined to the folder of the file. */
  readonly ruleFiles: readonly string[];
  /** Glob patterns, joined to the folder of the file. */
  readonly scrapeConfigFiles: readonly string[];
  /** Jobs of the main file first, then those of the scrape config files in order. */
  readonly scrapeConfigs: readonly ScrapeConfig[];
  readonly storage: StorageConfig;
  readonly tracing: TracingConfig | undefined;
  readonly remoteWrite: readonly RemoteWriteConfig[];
  readonly remoteRead: readonly RemoteReadConfig[];
  readonly otlp: OtlpConfig;
  /** Extension of Narthex: sources of jobs in addition to those of the file. */
  readonly jobDiscoveryConfigs: readonly DiscoveryConfig[];
  /** Extension of Narthex that Prometheus does not have. */
  readonly downsampling: readonly DownsamplingConfig[];
  /** Extension of Narthex that Prometheus does not have. */
  readonly longTermStore: LongTermStoreConfig | undefined;
}
