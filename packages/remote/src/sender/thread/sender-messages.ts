import type { NameValidation } from "@narthex/model";
import type { LogEnd } from "@narthex/tsdb";

/** Name of remote write in the metric that counts internal errors. */
export const COMPONENT = "remote_write";

/** A destination, in the form in which it is posted to the sending thread. */
export interface PostedQueue {
  /** Key of the queue's stored position. */
  readonly key: string;
  /** Name in metrics and the log. */
  readonly name: string;
  /** URL without passwords. */
  readonly url: string;
  /** The configuration of the destination as text, including secrets. Queues with equal texts are equal. */
  readonly entry: string;
  /** External labels: name, value, name, value … */
  readonly externalLabels: readonly string[];
  readonly scheme: NameValidation;
  /** Buffer of QueueStats. */
  readonly stats: SharedArrayBuffer;
  /** Start position of a queue that was never seen before. */
  readonly now: LogEnd;
  /** Buffer of SharedLogEnd, the position up to which the log may be read. */
  readonly logEnd: SharedArrayBuffer;
}

/** Settings with which the thread is started. */
export interface SenderSettings {
  /** Folder of the log. */
  readonly dir: string;
  /** Database file of the positions. */
  readonly positionsFile: string;
  /** Buffer of AppendedStats. */
  readonly appended: SharedArrayBuffer;
  /** Buffer of DialCounts. Undefined if connections are not counted. */
  readonly dials?: SharedArrayBuffer | undefined;
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Metadata of a metric as targets report it. */
export interface MetadataRow {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export type SenderRequest =
  /** `flushMs` is the time that removed queues have to send the rest of the log. */
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
  /** The thread has logged an error with its stack. */
  | { readonly kind: "internal error" }
  | { readonly kind: "stopped" };
