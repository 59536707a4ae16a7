import { statfsSync } from "node:fs";
import { formatByteSize, type PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import type { RetentionLimits } from "@narthex/tsdb";
import type { ServerFlags } from "../flags.ts";

const DEFAULT_TIME_MS = 15 * 86_400_000;
/** Exemplars kept where their feature is on and the file does not say how many. */
export const DEFAULT_EXEMPLARS = 100_000;

export interface Retention {
  /** 0: for ever. */
  readonly timeMs: number;
  /** 0: no limit. */
  readonly sizeBytes: number;
  /** Share of the disk that holds the data folder; replaces the size. 0: no limit. */
  readonly percentage: number;
  /** As runtimeinfo shows it: `15d`, `15d or 10GiB`, `15d or 80%`. */
  readonly text: string;
}

/** How long samples are kept: the file's block replaces the flags wholly, 15 d when neither says anything. */
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
