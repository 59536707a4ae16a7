import type { HeadOptions, LogOptions, OpeningOptions, SystemOptions } from "../tsdb.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Options for opening the data folder of a server in agent mode, which only forwards samples. */
export interface AgentOptions
  extends
    LogOptions,
    OpeningOptions,
    Omit<SystemOptions, "random" | "compactionThread">,
    Pick<HeadOptions, "outOfOrderTimeWindowMs" | "startTimestamps" | "startsAsZeros"> {
  /** Interval in ms at which the write-ahead log is truncated; default 2 h. */
  readonly truncateFrequencyMs?: number | undefined;
  /**
   * Minimum time in ms that samples stay in the log, even if they have been sent to the remote storage; default 5 min.
   */
  readonly minTimeMs?: number | undefined;
  /** Age after which samples are removed from the log even if they have not been sent, ms; default 4 h. */
  readonly maxTimeMs?: number | undefined;
}

/** Interval at which the log is truncated, and limits of the time that samples stay in it, ms. */
export interface AgentTimes {
  readonly truncateFrequencyMs: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

/**
 * Completes the times by the rules of Prometheus' agent: 0 means the default, and `maxTimeMs` is at least as long as
 * the truncation interval and `minTimeMs`.
 */
export function agentTimes({ truncateFrequencyMs, minTimeMs, maxTimeMs }: Partial<AgentOptions>): AgentTimes {
  const frequency = orDefault(truncateFrequencyMs, 2 * HOUR_MS);
  const shortest = orDefault(minTimeMs, 5 * MINUTE_MS);
  const longest = Math.max(orDefault(maxTimeMs, 4 * HOUR_MS), shortest, frequency);
  return { truncateFrequencyMs: frequency, minTimeMs: shortest, maxTimeMs: longest };
}

const orDefault = (ms: number | undefined, fallback: number): number => (ms === undefined || ms <= 0 ? fallback : ms);
