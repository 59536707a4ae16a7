import type { MatchType } from "@narthex/model";

/** A selector's request to other servers. Can be posted to a thread unchanged. */
export interface RemoteSelection {
  /** Range of everything that the query reads, epoch ms, both inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly { readonly type: MatchType; readonly name: string; readonly value: string }[];
  /** The context of the selector; its own range is within the query's. */
  readonly hints: {
    readonly start: number;
    readonly end: number;
    readonly step: number;
    readonly range: number;
    readonly func: string;
  };
  /** Default: samples. Only a long-term store supports other data. */
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
   * For remote read: one compressed message of samples, or frames of chunks. For the query API: a JSON object for each
   * series on its own line, or one object whose data is a matrix, label sets, words or metadata.
   */
  readonly form: "samples" | "chunks" | "lines" | "matrix" | "label sets" | "words" | "metadata";
  /** Label names to remove from the series: the server was asked for them, and local series do not have them. */
  readonly added: readonly string[];
  /** Largest length of a frame, bytes. */
  readonly maxFrameBytes: number;
  /** The server's name in warnings. Default: "remote_read". */
  readonly server?: string | undefined;
}

/** An answer whose body is still to be read. */
export interface RemoteAnswer extends RemoteAnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** The answers to one selection. */
export interface RemoteRead {
  readonly answers: readonly RemoteAnswer[];
  /** Reasons why other servers did not answer. */
  readonly problems: readonly string[];
  /** Must be called after the last read, with the result if the server's state should be recorded. */
  close(outcome?: ReadOutcome): void;
}

/** The result of reading an answer. */
export interface ReadOutcome {
  /** The reason why it could not be read to its end; undefined on success. */
  readonly problem: string | undefined;
  /** Whether the problem is a limit of ours, which says nothing about the server. */
  readonly isOurs?: boolean;
  readonly samples: number;
}

/** Reads from the servers that the configuration names. */
export interface RemoteReader {
  /** Number of servers. */
  readonly endpoints: number;
  /** Reports whether any server would be asked for such a range. */
  concerns(minTime: number, maxTime: number): Promise<boolean>;
  /** Queries all servers that may have data for the selection. */
  read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead>;
}
