import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { Position } from "../problem.ts";
import type { RemoteWriteConfig } from "./remote.ts";

/** Engines whose addresses and abilities are known. */
export type StoreKind = "victoriametrics" | "prometheus" | "mimir" | "thanos";

/** How samples are fetched: VictoriaMetrics' export, Prometheus' remote read, or queries for samples as they are stored. */
export type StoreReading = "export" | "remote_read" | "query";

/** `long_term_store`: an engine with Prometheus' query API that keeps what is older than local data. */
export interface LongTermStoreConfig {
  readonly kind: StoreKind;
  /** What `/api/v1/…` is below; without a slash at the end. */
  readonly url: string;
  readonly read: StoreReading;
  /** For a whole answer. */
  readonly timeoutMs: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly httpClient: HttpClientConfig;
  /** Samples are sent to the store, as to the entries of `remote_write`. */
  readonly send: boolean;
  /** How they are sent, or undefined if they are not. */
  readonly remoteWrite: RemoteWriteConfig | undefined;
  readonly position: Position;
}
