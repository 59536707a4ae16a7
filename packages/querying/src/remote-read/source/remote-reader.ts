import type { MatchType } from "@narthex/model";

/** A request to other servers for the series of one selector. The object can be posted to a thread. */
export interface RemoteSelection {
  /** Time range of all data that the query reads, epoch ms, both ends inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly { readonly type: MatchType; readonly name: string; readonly value: string }[];
  /**
   * Hints about the use of the selector in the query. Their time range is within the range from `minTime` to `maxTime`.
   */
  readonly hints: {
    readonly start: number;
    readonly end: number;
    readonly step: number;
    readonly range: number;
    readonly func: string;
  };
  /** The kind of data to read, by default samples. Only a long-term store supports other kinds. */
  readonly wanted?: WantedData;
}

/** A kind of data: samples, labels of series, label names, values of one label, or types and help texts of metrics. */
export type WantedData =
  | { readonly kind: "samples" }
  | { readonly kind: "series" | "label names"; readonly limit?: number }
  | { readonly kind: "label values"; readonly name: string; readonly limit?: number }
  | { readonly kind: "metadata"; readonly metric: string; readonly limit?: number };

export interface RemoteAnswerHead {
  /**
   * Form of the body. A remote read returns one compressed message of samples, or frames of chunks. A query API returns
   * lines with a JSON object for each series, or one JSON object with the kind of data that the form names.
   */
  readonly form: "samples" | "chunks" | "lines" | "matrix" | "label sets" | "words" | "metadata";
  /**
   * Label names for which matchers were added to the request. These labels must be removed from the received series,
   * because series of this server do not have them.
   */
  readonly added: readonly string[];
  /** Maximum size of a frame in bytes. */
  readonly maxFrameBytes: number;
  /** Name of the server in warnings; default "remote_read". */
  readonly server?: string | undefined;
}

/** A response whose body has not been read yet. */
export interface RemoteAnswer extends RemoteAnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** The responses of several servers to one request. */
export interface RemoteRead {
  readonly answers: readonly RemoteAnswer[];
  /** Reasons why some servers did not respond. */
  readonly problems: readonly string[];
  /**
   * Must be called after the last response was read. `outcome` is undefined if the result does not show whether the
   * server works.
   */
  close(outcome?: ReadOutcome): void;
}

export interface ReadOutcome {
  /** Reason why the response could not be read completely; undefined on success. */
  readonly problem: string | undefined;
  /** Whether the problem is a limit of this server. The other server then did not fail. */
  readonly isOurs?: boolean;
  readonly samples: number;
}

/** Reads from the other servers in the configuration. */
export interface RemoteReader {
  /** Number of servers that the reader can ask. */
  readonly endpoints: number;
  /** Returns whether any server would be asked for data in a time range. */
  concerns(minTime: number, maxTime: number): Promise<boolean>;
  /** Sends a request to all servers that may have data for it. */
  read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead>;
}
