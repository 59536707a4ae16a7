import type { Clock, Logger } from "@narthex/runtime";
import type { Files } from "../files.ts";
import type { ReplayProgress } from "../head/replay/read-log.ts";
import type { TsdbOptions } from "../tsdb.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How an agent's folder is opened; what is not described here is as in TsdbOptions. */
export interface AgentOptions extends Pick<
  TsdbOptions,
  | "walCompression"
  | "walSegmentBytes"
  | "walFsync"
  | "walFsyncIntervalMs"
  | "outOfOrderTimeWindowMs"
  | "startTimestamps"
  | "startsAsZeros"
  | "lockFile"
  | "storageThread"
> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the log is truncated, ms; default 2 h. */
  readonly truncateFrequencyMs?: number | undefined;
  /** Samples stay in the log so long after they were sent, ms; default 5 min. */
  readonly minTimeMs?: number | undefined;
  /** Samples older than this go, sent or not, ms; default 4 h. */
  readonly maxTimeMs?: number | undefined;
  /** So many series go into a record of checkpoints, which are made of the series in memory then; without, of the log. */
  readonly checkpointBatchSize?: number | undefined;
  readonly progress?: ReplayProgress | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly files?: Files | undefined;
}

/** When the log is truncated, and up to where. */
export interface AgentTimes {
  readonly truncateFrequencyMs: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/** As Prometheus' agent reads them: 0 is the default, and the longest time is no shorter than the other two. */
export function agentTimes({ truncateFrequencyMs, minTimeMs, maxTimeMs }: Partial<AgentOptions>): AgentTimes {
  const frequency = orDefault(truncateFrequencyMs, 2 * HOUR_MS);
  const shortest = orDefault(minTimeMs, 5 * MINUTE_MS);
  const longest = Math.max(orDefault(maxTimeMs, 4 * HOUR_MS), shortest, frequency);
  return { truncateFrequencyMs: frequency, minTimeMs: shortest, maxTimeMs: longest };
}

const orDefault = (ms: number | undefined, fallback: number): number => (ms === undefined || ms <= 0 ? fallback : ms);
