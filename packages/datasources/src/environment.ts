import type { DialCounts } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { QueryDesk } from "./cache/query-desk.ts";
import type { DataSource } from "./data-source.ts";
import type { Destinations } from "./outgoing/destinations.ts";

/** The environment that a role gives to its sources. */
export interface DataSourceEnvironment {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Shared by all sources of the role. */
  readonly desk: QueryDesk;
  readonly dials?: DialCounts | undefined;
  /** The hosts that sources may connect to. Default: all except link-local addresses. */
  readonly destinations?: Destinations;
  /** Timeout of sources that do not set one. Default: half a minute. */
  readonly timeoutMs?: number;
  /** Largest uncompressed answer, bytes. Default: 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** Returns the source that a target names by uid or name, or undefined. For sources that are combined from others. */
  readonly sourceOf?: (reference: string) => DataSource | undefined;
}
