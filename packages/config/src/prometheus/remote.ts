import type { Matcher, RelabelRule } from "@narthex/model";
import type { Position } from "../problem.ts";
import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { AzureAdConfig, GoogleIamConfig, SigV4Config } from "./cloud-signers.ts";

/** Limits and timing of the queue for one remote write destination. */
export interface RemoteQueueConfig {
  readonly capacity: number;
  readonly maxShards: number;
  readonly minShards: number;
  readonly maxSamplesPerSend: number;
  readonly batchSendDeadlineMs: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly retryOnHttp429: boolean;
  /** Age in ms above which samples are not sent; 0 means no limit. */
  readonly sampleAgeLimitMs: number;
}

/** Settings for sending the types and help texts of metrics by remote write. */
export interface RemoteMetadataConfig {
  readonly send: boolean;
  readonly sendIntervalMs: number;
  readonly maxSamplesPerSend: number;
}

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
  /** Settings for signing AWS requests; undefined means that requests are not signed. */
  readonly sigv4: SigV4Config | undefined;
  readonly azuread: AzureAdConfig | undefined;
  readonly googleIam: GoogleIamConfig | undefined;
  readonly position: Position;
}

export interface RemoteReadConfig {
  readonly url: string;
  readonly remoteTimeoutMs: number;
  readonly chunkedReadLimit: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly readRecent: boolean;
  readonly name: string;
  readonly httpClient: HttpClientConfig;
  /** Equality matchers. A query is sent to the remote endpoint only if it contains all of these matchers. */
  readonly requiredMatchers: readonly Matcher[];
  readonly filterExternalLabels: boolean;
  readonly position: Position;
}
