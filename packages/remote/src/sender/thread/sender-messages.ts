import type { NameValidation } from "@narthex/model";
import type { LogEnd } from "@narthex/tsdb";

/** Name of remote write in the metric of internal errors. */
export const COMPONENT = "remote_write";

/** A destination as it is posted to the sending thread. */
export interface PostedQueue {
  /** Key under which the queue's position in the write-ahead log is stored. */
  readonly key: string;
  /** Name of the destination in metrics and in the log. */
  readonly name: string;
  /** URL without passwords. */
  readonly url: string;
  /** Configuration of the destination as text, including secrets. Equal texts mean equal queues. */
  readonly entry: string;
  /** External labels as names and values alternately: name, value, name, value … */
  readonly externalLabels: readonly string[];
  readonly scheme: NameValidation;
  /** Shared buffer with the counters of the queue (QueueStats). */
  readonly stats: SharedArrayBuffer;
  /** Position in the write-ahead log at which a new queue starts. */
  readonly now: LogEnd;
  /** Shared memory with the position up to which the write-ahead log may be read (SharedLogEnd). */
  readonly logEnd: SharedArrayBuffer;
}

/** Settings with which the sending thread is started. */
export interface SenderSettings {
  /** Folder of the write-ahead log. */
  readonly dir: string;
  /** Database file with the positions of the queues. */
  readonly positionsFile: string;
  /** Shared buffer with the number of appended entries (AppendedStats). */
  readonly appended: SharedArrayBuffer;
  /** Shared memory that counts opened connections (DialCounts). Undefined if they are not counted. */
  readonly dials?: SharedArrayBuffer | undefined;
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Type, help text and unit of a metric, as scraped targets report them. */
export interface MetadataRow {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export type SenderRequest =
  /**
   * The queues of a new configuration. `flushMs` is the time in ms that removed queues have to send the remaining
   * entries of the log.
   */
  | { readonly kind: "queues"; readonly queues: readonly PostedQueue[]; readonly flushMs: number }
  | { readonly kind: "metadata"; readonly key: string; readonly rows: readonly MetadataRow[] }
  | { readonly kind: "stop"; readonly flushMs: number };

export type SenderMessage =
  | {
      readonly kind: "log";
      readonly level: "debug" | "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** Reports that the thread has logged an error with its stack. */
  | { readonly kind: "internal error" }
  | { readonly kind: "stopped" };
