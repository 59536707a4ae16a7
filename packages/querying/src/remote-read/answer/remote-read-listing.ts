/** Another server's remote read request. Can be posted to a thread unchanged. */
export interface RemoteReadListing {
  readonly kind: "remote read";
  /** The selectors of its queries, for lists of jobs. */
  readonly match: readonly string[];
  /** A ReadRequest message. */
  readonly request: Uint8Array;
  /**
   * All samples in one message, or chunks in many messages, so that neither side needs all of them in memory at once.
   */
  readonly form: "samples" | "chunks";
  /** Name, value, name, value … sorted by name: added to series that do not have the label. */
  readonly externalLabels: readonly string[];
  /** Largest number of samples of one query in the form of samples; 0 for no limit. */
  readonly sampleLimit: number;
  /** Approximate largest length of a message in the form of chunks, bytes. */
  readonly maxBytesInFrame: number;
}

/** The error for an answer with too many samples. */
export const sampleLimitMessage = (limit: number): string => `exceeded sample limit (${limit})`;
