import type { HeadOptions, LogOptions, OpeningOptions, SystemOptions } from "../tsdb.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Options for opening an agent's folder. */
export interface AgentOptions
  extends
    LogOptions,
    OpeningOptions,
    Omit<SystemOptions, "random" | "compactionThread">,
    Pick<HeadOptions, "outOfOrderTimeWindowMs" | "startTimestamps" | "startsAsZeros"> {
  /** How often the log is truncated, ms; default 2 h. */
  readonly truncateFrequencyMs?: number | undefined;
  /** How long samples stay in the log after they were sent to the remote storage, ms; default 5 min. */
  readonly minTimeMs?: number | undefined;
  /** Age after which samples are removed from the log even if they have not been sent, ms; default 4 h. */
  readonly maxTimeMs?: number | undefined;
  /**
   * Number of series in one record of a checkpoint. If set, checkpoints are written from the series in memory,
   * otherwise from the old segments of the log.
   */
  readonly checkpointBatchSize?: number | undefined;
}

/** How often the log is truncated, and how long samples stay in it. */
export interface AgentTimes {
  readonly truncateFrequencyMs: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/**
 * Applies the rules of Prometheus' agent: 0 means the default, and `maxTimeMs` is at least as long as the other two
 * times.
 */
export function agentTimes({ truncateFrequencyMs, minTimeMs, maxTimeMs }: Partial<AgentOptions>): AgentTimes {
  const frequency = orDefault(truncateFrequencyMs, 2 * HOUR_MS);
  const shortest = orDefault(minTimeMs, 5 * MINUTE_MS);
  const longest = Math.max(orDefault(maxTimeMs, 4 * HOUR_MS), shortest, frequency);
  return { truncateFrequencyMs: frequency, minTimeMs: shortest, maxTimeMs: longest };
}

const orDefault = (ms: number | undefined, fallback: number): number => (ms === undefined || ms <= 0 ? fallback : ms);
