/** A remote read request of another server. The request can be posted to a thread. */
export interface RemoteReadListing {
  readonly kind: "remote read";
  /** Selectors of the request's queries, which lists of jobs show. */
  readonly match: readonly string[];
  /** A ReadRequest message. */
  readonly request: Uint8Array;
  /**
   * Form of the answer: all samples in one message, or chunks in many messages. With chunks neither server needs the
   * whole answer in memory.
   */
  readonly form: "samples" | "chunks";
  /**
   * External labels as names and values in turn, sorted by name. Each label is added to series that do not have the
   * label.
   */
  readonly externalLabels: readonly string[];
  /** Largest number of samples of one query in the form "samples"; 0 means no limit. */
  readonly sampleLimit: number;
  /** Approximate largest size of a message in the form "chunks", bytes. */
  readonly maxBytesInFrame: number;
}

/** The error for an answer with too many samples. */
export const sampleLimitMessage = (limit: number): string => `exceeded sample limit (${limit})`;
