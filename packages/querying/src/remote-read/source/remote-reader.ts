import type { MatchType } from "@narthex/model";

/** A request for the series of one selector from other servers. The request can be posted to a thread. */
export interface RemoteSelection {
  /** Range of all data that the query reads, epoch ms, both inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly { readonly type: MatchType; readonly name: string; readonly value: string }[];
  /** The use of the selector in the query. Its range is within the range of the query. */
  readonly hints: {
    readonly start: number;
    readonly end: number;
    readonly step: number;
    readonly range: number;
    readonly func: string;
  };
  /** The requested data; by default samples. Only a long-term store supports other data. */
  readonly wanted?: WantedData;
}

/** The requested data: samples, the label sets of series, label names, values of one label, or metadata of metrics. */
export type WantedData =
  | { readonly kind: "samples" }
  | { readonly kind: "series" | "label names"; readonly limit?: number }
  | { readonly kind: "label values"; readonly name: string; readonly limit?: number }
  | { readonly kind: "metadata"; readonly metric: string; readonly limit?: number };

/** The format of a server's answer. */
export interface RemoteAnswerHead {
  /**
   * The form of the body. For remote read: one compressed message of samples, or frames of chunks. For the query API:
   * lines with a JSON object for each series, or one object whose data is a matrix, label sets, words or metadata.
   */
  readonly form: "samples" | "chunks" | "lines" | "matrix" | "label sets" | "words" | "metadata";
  /**
   * Names of labels that must be removed from the series: they were added to the request, and series of this server do
   * not have them.
   */
  readonly added: readonly string[];
  /** Largest size of a frame, bytes. */
  readonly maxFrameBytes: number;
  /** Name of the server in warnings; default "remote_read". */
  readonly server?: string | undefined;
}

/** An answer whose body has not been read yet. */
export interface RemoteAnswer extends RemoteAnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** The answers to one selection. */
export interface RemoteRead {
  readonly answers: readonly RemoteAnswer[];
  /** Reasons why other servers did not answer. */
  readonly problems: readonly string[];
  /** Must be called after the last read, with the result if it shows whether the server works. */
  close(outcome?: ReadOutcome): void;
}

/** The result of reading an answer. */
export interface ReadOutcome {
  /** The reason why the answer could not be read completely; undefined on success. */
  readonly problem: string | undefined;
  /** Whether the problem is a limit of this server, which does not mean that the other server has failed. */
  readonly isOurs?: boolean;
  readonly samples: number;
}

/** Reads from the servers that the configuration names. */
export interface RemoteReader {
  /** Number of servers. */
  readonly endpoints: number;
  /** Returns whether a request would be sent to any server for such a range. */
  concerns(minTime: number, maxTime: number): Promise<boolean>;
  /** Sends a request to all servers that may have data for the selection. */
  read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead>;
}
