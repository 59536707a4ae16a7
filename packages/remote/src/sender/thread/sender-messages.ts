import type { NameValidation } from "@narthex/model";
import type { LogEnd } from "@narthex/tsdb";

/** The number of internal errors. */
export const COMPONENT = "remote_write";

/** One destination as it is posted to the sender's thread. */
export interface PostedQueue {
  /** By which its position is kept. */
  readonly key: string;
  /** As metrics and the log call it. */
  readonly name: string;
  /** Without passwords. */
  readonly url: string;
  /** The entry of the configuration, secrets included: equal texts mean equal queues. */
  readonly entry: string;
  /** name, value, name, value … */
  readonly externalLabels: readonly string[];
  readonly scheme: NameValidation;
  /** Of QueueStats. */
  readonly stats: SharedArrayBuffer;
  /** Where it begins if it was never seen before. */
  readonly now: LogEnd;
  /** Of SharedLogEnd: how far the log may be read. */
  readonly logEnd: SharedArrayBuffer;
}

/** What the thread is started with. */
export interface SenderSettings {
  /** Folder of the log. */
  readonly dir: string;
  /** Database of the positions. */
  readonly positionsFile: string;
  /** Of AppendedStats. */
  readonly appended: SharedArrayBuffer;
  /** Of DialCounts; absent where nobody asks for them. */
  readonly dials?: SharedArrayBuffer | undefined;
  readonly userAgent: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What targets say of a metric. */
export interface MetadataRow {
  readonly metric: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

export type SenderRequest =
  /** Queues that are not there any more get so long to send what is in the log. */
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
  /** An error that the thread has logged with its stack. */
  | { readonly kind: "internal error" }
  | { readonly kind: "stopped" };
