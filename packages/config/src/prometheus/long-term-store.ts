import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { Position } from "../problem.ts";
import type { RemoteWriteConfig } from "./remote.ts";

/** Databases for older data whose URLs and features Narthex knows. */
export type StoreKind = "victoriametrics" | "prometheus" | "mimir" | "thanos";

/**
 * Methods of reading samples from the store: VictoriaMetrics' export API, Prometheus' remote read, or queries for raw
 * samples.
 */
export type StoreReading = "export" | "remote_read" | "query";

/** Section `long_term_store`: a database with Prometheus' query API that keeps older data than the local one. */
export interface LongTermStoreConfig {
  readonly kind: StoreKind;
  /** URL that precedes `/api/v1/…`, without a slash at the end. */
  readonly url: string;
  readonly read: StoreReading;
  /** Time limit for a complete answer, ms. */
  readonly timeoutMs: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly httpClient: HttpClientConfig;
  /** True if samples are also sent to the store, in the same way as to entries of `remote_write`. */
  readonly send: boolean;
  /** Settings for sending, or undefined if samples are not sent. */
  readonly remoteWrite: RemoteWriteConfig | undefined;
  readonly position: Position;
}
