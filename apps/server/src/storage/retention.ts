import { statfsSync } from "node:fs";
import { formatByteSize, type PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import type { RetentionLimits } from "@narthex/tsdb";
import type { ServerFlags } from "../flags.ts";

const DEFAULT_TIME_MS = 15 * 86_400_000;
/** Number of exemplars that are kept if the feature is enabled and the configuration sets no number. */
export const DEFAULT_EXEMPLARS = 100_000;

export interface Retention {
  /** Age in ms at which samples are removed; 0 for no limit. */
  readonly timeMs: number;
  /** Size in bytes above which the oldest samples are removed; 0 for no limit. */
  readonly sizeBytes: number;
  /** Percentage of the data folder's disk that samples may use; replaces `sizeBytes`. 0 for no limit. */
  readonly percentage: number;
  /** Text for the API's runtimeinfo: `15d`, `15d or 10GiB`, `15d or 80%`. */
  readonly text: string;
}

/**
 * Returns the retention of samples. If the configuration file has a section for retention, all flags for retention are
 * ignored. The default is 15 days.
 */
export function retentionOf(flags: ServerFlags, { storage }: PrometheusConfig): Retention {
  const percentage = storage.retention?.percentage ?? 0;
  const size = storage.retention?.sizeBytes ?? flags["storage.tsdb.retention.size"] ?? 0;
  const given = storage.retention?.timeMs ?? flags["storage.tsdb.retention.time"];
  const time = given ?? (size > 0 || percentage > 0 ? 0 : DEFAULT_TIME_MS);
  const limit = percentage > 0 ? `${percentage}%` : size > 0 ? formatByteSize(size) : undefined;
  const words = [...(time > 0 ? [formatDuration(time)] : []), ...(limit === undefined ? [] : [limit])];
  return { timeMs: Math.max(time, 0), sizeBytes: size, percentage, text: words.join(" or ") };
}

/**
 * Returns the limits for the storage. A percentage is converted to bytes by the disk's current size. Throws the
 * system's error if the size cannot be read.
 */
export function limitsOf({ timeMs, sizeBytes, percentage }: Retention, folder: string): RetentionLimits {
  if (percentage === 0) return { timeMs, sizeBytes };
  const { blocks, bsize } = statfsSync(folder);
  return { timeMs, sizeBytes: Math.floor((blocks * bsize * percentage) / 100), percentage };
}
