/** A remote read request that another server has sent. The request can be posted to a thread. */
export interface RemoteReadListing {
  readonly kind: "remote read";
  /** Selectors of the request, which lists of active requests show. */
  readonly match: readonly string[];
  /** A ReadRequest message. */
  readonly request: Uint8Array;
  /**
   * Form of the response: all samples in one message, or chunks in many messages. With chunks, the two servers never
   * need memory for the whole response.
   */
  readonly form: "samples" | "chunks";
  /**
   * External labels of this server (names and values alternately, sorted by name). These labels are added to series
   * without a label of that name.
   */
  readonly externalLabels: readonly string[];
  /** Largest number of samples of one query if the form is "samples"; 0 means no limit. */
  readonly sampleLimit: number;
  /** Approximate maximum size of a message in bytes if the form is "chunks". */
  readonly maxBytesInFrame: number;
}

/** Returns the error message for a response with too many samples. */
export const sampleLimitMessage = (limit: number): string => `exceeded sample limit (${limit})`;
