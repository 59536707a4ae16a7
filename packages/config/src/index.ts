export { type Codec, type Decoded, INVALID, type Printable, type PrintableMap, wrongType } from "./decode/codec.ts";
export { anyMapping, anyValue, listOf, mapOf } from "./decode/collections.ts";
export { decodeJson, decodeNode, decodeYaml, identityOf, type Loaded } from "./decode/decode.ts";
export { DecodeContext, type Report } from "./decode/decode-context.ts";
export { defaultHttpClient, httpClientSection } from "./http-client/http-client-section.ts";
export { goDuration, goDurationText } from "./decode/go-duration.ts";
export { labelSet } from "./decode/label-set.ts";
export { filePath, redactUrl, url, urlProblem, urlText, withoutPassword } from "./decode/locations.ts";
export { formatByteSize, millis, parseByteSize } from "./decode/measures.ts";
export {
  isNull,
  type MapNode,
  parseYaml,
  parseYamlDocuments,
  parseYamlInSteps,
  type ScalarNode,
  type YamlNode,
} from "./yaml/node.ts";
export { decimal, flag, integer, integer64, oneOf, text, wholeNumber64 } from "./decode/plain-values.ts";
export { nearest } from "./decode/nearest.ts";
export { printYaml, printYamlInSteps } from "./yaml/print.ts";
export { YamlEdit, YamlEditError, type YamlPath } from "./yaml/yaml-edit.ts";
export { field, inline, optional, type FieldPositions, type Rest, type Section, section } from "./decode/section.ts";
export { type ConfigFiles, diskFiles, glob, isBadPattern, isGlob, SourceError } from "./source.ts";
export { oauth2Section } from "./http-client/oauth2-section.ts";
export { tlsSection } from "./http-client/tls-section.ts";
export { formatProblem, type Position, type Problem } from "./problem.ts";
export { Secret, secret, secretsRevealed } from "./decode/secret.ts";
export type { AlertingConfig, AlertmanagerConfig } from "./prometheus/alerting.ts";
export {
  type AzureAdConfig,
  type GoogleIamConfig,
  type SigV4Config,
  sigv4Section,
} from "./prometheus/cloud-signers.ts";
export type { DownsamplingConfig } from "./prometheus/downsampling.ts";
export type { GlobalConfig } from "./prometheus/global.ts";
export type {
  HttpClientConfig,
  HttpHeaderConfig,
  OAuth2Config,
  TlsConfig,
  TlsVersion,
} from "./http-client/http-client.ts";
export type { LongTermStoreConfig, StoreReading } from "./prometheus/long-term-store.ts";
export type { PrometheusConfig } from "./prometheus/prometheus-config.ts";
export type { RemoteQueueConfig, RemoteReadConfig, RemoteWriteConfig } from "./prometheus/remote.ts";
export type { ScrapeConfig, SeriesBudgetConfig } from "./prometheus/scrape-config.ts";
export type { OtlpConfig, OtlpTranslation } from "./prometheus/storage.ts";
export type { DiscoveryConfig, StaticConfig } from "./prometheus/targets.ts";
export { loadPrometheusConfig, parsePrometheusConfig } from "./load.ts";
export { type DiscoveryKind } from "./prometheus/discovery-kinds.ts";
export {
  alertmanagerIdentity,
  longTermStoreIdentity,
  printPrometheusConfig,
  parseRemoteWrite,
  printRemoteWrite,
  printScrapeConfig,
  remoteWriteIdentity,
  scrapeIdentity,
} from "./prometheus/effective.ts";
export { foundJobReader } from "./prometheus/found-job.ts";
export { jsonNode, type JsonValue } from "./yaml/json-node.ts";
export { type Environment } from "./prometheus/environment.ts";
export { targetGroup } from "./prometheus/static-section.ts";
