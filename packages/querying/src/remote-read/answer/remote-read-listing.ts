/** What another server asks for by remote read; can be posted to a thread as it is. */
export interface RemoteReadListing {
  readonly kind: "remote read";
  /** The selectors of its queries, for lists of jobs. */
  readonly match: readonly string[];
  /** A ReadRequest message. */
  readonly request: Uint8Array;
  /** All samples in one message; or the chunks that hold them in many, so that neither side has all at once. */
  readonly form: "samples" | "chunks";
  /** name, value, name, value … sorted by name: added to series that have no such label. */
  readonly externalLabels: readonly string[];
  /** Samples that one query may find in the form of samples; 0 = any number. */
  readonly sampleLimit: number;
  /** Bytes of a message in the form of chunks, roughly. */
  readonly maxBytesInFrame: number;
}

/** More samples were found than one answer may have. */
export const sampleLimitMessage = (limit: number): string => `exceeded sample limit (${limit})`;
