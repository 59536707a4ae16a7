import type { DialCounts } from "@narthex/http";
import type { Clock } from "@narthex/runtime";
import type { QueryDesk } from "./cache/query-desk.ts";
import type { DataSource } from "./data-source.ts";

/** What sources are given by the role that opens them. */
export interface DataSourceEnvironment {
  readonly clock: Clock;
  readonly userAgent: string;
  /** Shared by all sources of the role. */
  readonly desk: QueryDesk;
  readonly dials?: DialCounts | undefined;
  /** The source that a target names: its uid or name; undefined where there is none. For sources made of others. */
  readonly sourceOf?: (reference: string) => DataSource | undefined;
}
