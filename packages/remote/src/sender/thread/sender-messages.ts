import type { NameValidation } from "@narthex/model";
import type { LogEnd } from "@narthex/tsdb";

/** Name of the component in the count of internal errors. */
export const COMPONENT = "remote_write";

/** A destination in the form that is posted to the sender's thread. */
export interface PostedQueue {
  /** Key of its position. */
  readonly key: string;
  /** Name in metrics and the log. */
  readonly name: string;
  /** Without passwords. */
  readonly url: string;
  /** The entry of the configuration, including secrets: equal texts mean equal queues. */
  readonly entry: string;
  /** name, value, name, value … */
  readonly externalLabels: readonly string[];
  readonly scheme: NameValidation;
  /** Buffer of QueueStats. */
  readonly stats: SharedArrayBuffer;
  /** Start position if it was never seen before. */
  readonly now: LogEnd;
  /** Buffer of SharedLogEnd, the limit for reading the log. */
  readonly logEnd: SharedArrayBuffer;
}

/** Settings with which the thread is started. */
export interface SenderSettings {
  /** Folder of the log. */
  readonly dir: string;
  /** Database of the positions. */
  readonly positionsFile: string;
  /** Buffer of AppendedStats. */
  readonly appended: SharedArrayBuffer;
  /** Buffer of DialCounts; undefined if connections are not counted. */
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
