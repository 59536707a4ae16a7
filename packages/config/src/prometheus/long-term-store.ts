import type { HttpClientConfig } from "../http-client/http-client.ts";
import type { Position } from "../problem.ts";
import type { RemoteWriteConfig } from "./remote.ts";

/** Engines whose URLs and features are known. */
export type StoreKind = "victoriametrics" | "prometheus" | "mimir" | "thanos";

/** How samples are fetched: VictoriaMetrics' export, Prometheus' remote read, or queries for stored samples. */
export type StoreReading = "export" | "remote_read" | "query";

/** `long_term_store`: an engine with Prometheus' query API that keeps data older than the local data. */
export interface LongTermStoreConfig {
  readonly kind: StoreKind;
  /** Base URL of `/api/v1/…`, without a slash at the end. */
  readonly url: string;
  readonly read: StoreReading;
  /** Timeout of a whole answer, ms. */
  readonly timeoutMs: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly httpClient: HttpClientConfig;
  /** True if samples are also sent to the store, as to the entries of `remote_write`. */
  readonly send: boolean;
  /** Settings for sending, or undefined if samples are not sent. */
  readonly remoteWrite: RemoteWriteConfig | undefined;
  readonly position: Position;
}
