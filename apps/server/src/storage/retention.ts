import { statfsSync } from "node:fs";
import { formatByteSize, type PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import type { RetentionLimits } from "@narthex/tsdb";
import type { ServerFlags } from "../flags.ts";

const DEFAULT_TIME_MS = 15 * 86_400_000;
/** Default number of exemplars if their feature is enabled. */
export const DEFAULT_EXEMPLARS = 100_000;

export interface Retention {
  /** 0: no limit. */
  readonly timeMs: number;
  /** 0: no limit. */
  readonly sizeBytes: number;
  /** Percentage of the data folder's disk; replaces the size. 0: no limit. */
  readonly percentage: number;
  /** Text for runtimeinfo: `15d`, `15d or 10GiB`, `15d or 80%`. */
  readonly text: string;
}

/** Retention of samples: the file's section replaces the flags completely. The default is 15 d. */
export function retentionOf(flags: ServerFlags, { storage }: PrometheusConfig): Retention {
  const percentage = storage.retention?.percentage ?? 0;
  const size = storage.retention?.sizeBytes ?? flags["storage.tsdb.retention.size"] ?? 0;
  const given = storage.retention?.timeMs ?? flags["storage.tsdb.retention.time"];
  const time = given ?? (size > 0 || percentage > 0 ? 0 : DEFAULT_TIME_MS);
  const limit = percentage > 0 ? `${percentage}%` : size > 0 ? formatByteSize(size) : undefined;
  const words = [...(time > 0 ? [formatDuration(time)] : []), ...(limit === undefined ? [] : [limit])];
  return { timeMs: Math.max(time, 0), sizeBytes: size, percentage, text: words.join(" or ") };
}

/** The limits for the storage, with a percentage of the disk's present size in bytes. Throws the system's error if the folder's disk cannot be read. */
export function limitsOf({ timeMs, sizeBytes, percentage }: Retention, folder: string): RetentionLimits {
  if (percentage === 0) return { timeMs, sizeBytes };
  const { blocks, bsize } = statfsSync(folder);
  return { timeMs, sizeBytes: Math.floor((blocks * bsize * percentage) / 100), percentage };
}
