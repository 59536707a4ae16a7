import type { Matcher, RelabelRule } from "@narthex/model";
import type { Position } from "../problem.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { AzureAdConfig, GoogleIamConfig, SigV4Config } from "./cloud-signers.ts";

/** Flow control of one remote write queue. */
export interface RemoteQueueConfig {
  readonly capacity: number;
  readonly maxShards: number;
  readonly minShards: number;
  readonly maxSamplesPerSend: number;
  readonly batchSendDeadlineMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly retryOnHttp429: boolean;
  /** 0 = off. */
  readonly sampleAgeLimitMs: number;
}

/** Sending of metrics' types and help texts. */
export interface RemoteMetadataConfig {
  readonly send: boolean;
  readonly sendIntervalMs: number;
  readonly maxSamplesPerSend: number;
}

/** One entry of `remote_write`. */
export interface RemoteWriteConfig {
  readonly url: string;
  readonly remoteTimeoutMs: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly writeRelabelConfigs: readonly RelabelRule[];
  readonly name: string;
  readonly sendExemplars: boolean;
  readonly sendNativeHistograms: boolean;
  readonly roundRobinDns: boolean;
  readonly protobufMessage: "prometheus.WriteRequest" | "io.prometheus.write.v2.Request";
  readonly failedRequestLogging: boolean;
  readonly httpClient: HttpClientConfig;
  readonly queue: RemoteQueueConfig;
  readonly metadata: RemoteMetadataConfig;
  /** Request signing of a cloud provider; undefined = not used. */
  readonly sigv4: SigV4Config | undefined;
  readonly azuread: AzureAdConfig | undefined;
  readonly googleIam: GoogleIamConfig | undefined;
  readonly position: Position;
}

/** One entry of `remote_read`. */
export interface RemoteReadConfig {
  readonly url: string;
  readonly remoteTimeoutMs: number;
  readonly chunkedReadLimit: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly readRecent: boolean;
  readonly name: string;
  readonly httpClient: HttpClientConfig;
  /** Equality matchers that a query must have for this endpoint to be used. */
  readonly requiredMatchers: readonly Matcher[];
  readonly filterExternalLabels: boolean;
  readonly position: Position;
}
