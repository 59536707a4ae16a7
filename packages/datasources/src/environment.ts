import type { DialCounts } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { QueryDesk } from "./cache/query-desk.ts";
import type { DataSource } from "./data-source.ts";
import type { Destinations } from "./outgoing/destinations.ts";

/** What sources are given by the role that opens them. */
export interface DataSourceEnvironment {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Shared by all sources of the role. */
  readonly desk: QueryDesk;
  readonly dials?: DialCounts | undefined;
  /** Where sources may be; default: everywhere but at addresses of the link. */
  readonly destinations?: Destinations;
  /** How long a source may take whose settings say nothing; default: half a minute. */
  readonly timeoutMs?: number;
  /** Bytes of an answer, unpacked, beyond which it is refused; default: 64 MiB. */
  readonly maxAnswerBytes?: number;
  /** The source that a target names: its uid or name; undefined where there is none. For sources made of others. */
  readonly sourceOf?: (reference: string) => DataSource | undefined;
}
