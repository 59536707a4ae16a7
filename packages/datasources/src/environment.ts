import type { DialCounts } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { DataSourceKind } from "./data-source-kind.ts";
import type { QueryDesk } from "./cache/query-desk.ts";
import type { Destinations } from "./outgoing/destinations.ts";

/** Objects and settings that data sources get from their process. */
export interface DataSourceEnvironment {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Environment variables of the process, with credentials for clouds. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The state that all data sources of the process share. */
  readonly desk: QueryDesk;
  readonly dials?: DialCounts | undefined;
  /** The hosts to which sources may connect. Default: all except link-local addresses. */
  readonly destinations?: Destinations;
  /** Timeout in ms for sources whose settings do not contain one. Default: half a minute. */
  readonly timeoutMs?: number;
  /** Returns the kind of sources that a plugin adds, by its type. Default: no plugins. */
  readonly addedKind?: (type: string) => DataSourceKind | undefined;
  /** Largest size of an answer after decompression, bytes. Default: 64 MiB. */
  readonly maxAnswerBytes?: number;
}
