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
}

/** How a server answers. */
export interface RemoteAnswerHead {
  /** One compressed message of samples, or frames of chunks. */
  readonly form: "samples" | "chunks";
  /** Names of labels that the series are to lose: the server was asked for them, and local series do not have them. */
  readonly added: readonly string[];
  /** Bytes of a frame at most. */
  readonly maxFrameBytes: number;
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
  /** To be called when no more is read of them. */
  close(): void;
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
