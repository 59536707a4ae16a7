import { formatByteSize, type PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import type { ServerFlags } from "./flags.ts";

const DEFAULT_TIME_MS = 15 * 86_400_000;
/** "For ever": a hundred years. */
const FOREVER_MS = 100 * 365 * 86_400_000;

export interface Retention {
  readonly timeMs: number;
  readonly sizeBytes: number;
  /** As runtimeinfo shows it: `15d`, `15d or 10GiB`. */
  readonly text: string;
}

/** How long samples are kept: the file's block replaces the flags wholly, 15 d when nobody says anything. */
export function retentionOf(flags: ServerFlags, { storage }: PrometheusConfig): Retention {
  const size = storage.retention?.sizeBytes ?? flags["storage.tsdb.retention.size"] ?? 0;
  const given = storage.retention?.timeMs ?? flags["storage.tsdb.retention.time"];
  const time = given ?? (size > 0 ? 0 : DEFAULT_TIME_MS);
  const words = [...(time > 0 ? [formatDuration(time)] : []), ...(size > 0 ? [formatByteSize(size)] : [])];
  return { timeMs: time > 0 ? time : FOREVER_MS, sizeBytes: size, text: words.join(" or ") };
}
