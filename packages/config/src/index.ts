export { formatProblem, type Position, type Problem } from "./problem.ts";
export { Secret } from "./secret.ts";
export type { AlertingConfig, AlertmanagerConfig } from "./prometheus/alerting.ts";
export type { GlobalConfig, NameEscaping, RuntimeConfig, ScrapeLimits, ScrapeProtocol } from "./prometheus/global.ts";
export type {
  AuthorizationConfig,
  BasicAuthConfig,
  HttpClientConfig,
  HttpHeaderConfig,
  OAuth2Config,
  ProxyConfig,
  TlsConfig,
  TlsVersion,
} from "./prometheus/http-client.ts";
export type { PrometheusConfig } from "./prometheus/prometheus-config.ts";
export type {
  RemoteMetadataConfig,
  RemoteQueueConfig,
  RemoteReadConfig,
  RemoteWriteConfig,
} from "./prometheus/remote.ts";
export type { ScrapeConfig } from "./prometheus/scrape-config.ts";
export type {
  OtlpConfig,
  OtlpTranslation,
  RetentionConfig,
  StorageConfig,
  TracingConfig,
} from "./prometheus/storage.ts";
export type { DiscoveryConfig, StaticConfig } from "./prometheus/targets.ts";
