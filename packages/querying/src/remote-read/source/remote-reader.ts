import type { MatchType } from "@narthex/model";

/** What a selector wants of other servers; can be posted to a thread as it is. */
export interface RemoteSelection {
  /** Range of all that the query looks at, ms, both inclusive. */
  readonly minTime: number;
  readonly maxTime: number;
  readonly matchers: readonly { readonly type: MatchType; readonly name: string; readonly value: string }[];
  /** What is known of the selector's surroundings; its own range is within the query's. */
  readonly hints: {
    readonly start: number;
    readonly end: number;
    readonly step: number;
    readonly range: number;
    readonly func: string;
  };
  /** Default: samples. Only a store that is asked for the past knows of others. */
  readonly wanted?: WantedData;
}

/** What is asked for: samples, the label sets of series, names of labels, values of one, what is known of metrics. */
export type WantedData =
  | { readonly kind: "samples" }
  | { readonly kind: "series" | "label names"; readonly limit?: number }
  | { readonly kind: "label values"; readonly name: string; readonly limit?: number }
  | { readonly kind: "metadata"; readonly metric: string; readonly limit?: number };

/** How a server answers. */
export interface RemoteAnswerHead {
  /**
   * Of remote read one compressed message of samples, or frames of chunks; of the query API a JSON object for each series
   * on a line of its own, or one whose data is a matrix, label sets, words or metadata.
   */
  readonly form: "samples" | "chunks" | "lines" | "matrix" | "label sets" | "words" | "metadata";
  /** Names of labels that the series are to lose: the server was asked for them, and local series do not have them. */
  readonly added: readonly string[];
  /** Bytes of a frame at most. */
  readonly maxFrameBytes: number;
  /** What warnings call the server; default "remote_read". */
  readonly server?: string | undefined;
}

/** An answer whose body is still to come. */
export interface RemoteAnswer extends RemoteAnswerHead {
  readonly body: AsyncIterable<Uint8Array>;
}

/** The answers to one selection. */
export interface RemoteRead {
  readonly answers: readonly RemoteAnswer[];
  /** Why other servers did not answer. */
  readonly problems: readonly string[];
  /** To be called when no more is read of them; with what came of it, where that is to be known. */
  close(outcome?: ReadOutcome): void;
}

/** What came of an answer that was read. */
export interface ReadOutcome {
  /** Why it could not be read to its end; undefined where it was. */
  readonly problem: string | undefined;
  /** The problem is a limit of ours: it says nothing of the server. */
  readonly isOurs?: boolean;
  readonly samples: number;
}

/** Asks the servers that the configuration names. */
export interface RemoteReader {
  /** How many servers there are. */
  readonly endpoints: number;
  /** Is there one that would be asked for such a range? */
  concerns(minTime: number, maxTime: number): Promise<boolean>;
  /** Asks all servers that have to be asked for this. */
  read(selection: RemoteSelection, signal: AbortSignal | undefined): Promise<RemoteRead>;
}
