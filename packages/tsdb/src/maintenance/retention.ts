/** Limits of the retention; 0 means no limit. */
export interface RetentionLimits {
  readonly timeMs: number;
  /** Largest total size of blocks, logs and head files, bytes. */
  readonly sizeBytes: number;
  /**
   * Percentage of the disk's size, 0 to 100, from which sizeBytes was computed. Undefined if sizeBytes was configured.
   */
  readonly percentage?: number;
}

/** The properties of a block that retention needs. */
export interface RetainedBlock {
  /** End of the block's time range, exclusive, ms. */
  readonly maxTime: number;
  readonly sizeBytes: number;
}

export interface Expired<B> {
  readonly byTime: readonly B[];
  readonly bySize: readonly B[];
}

/**
 * Returns the blocks that retention deletes. Their age is measured from the end of the newest block, so that a server
 * loses no blocks after a downtime. For the size limit, `otherBytes` of logs and head files are added up first, then
 * the blocks from the newest to the oldest.
 */
export function beyondRetention<B extends RetainedBlock>(
  blocks: readonly B[],
  limits: RetentionLimits,
  otherBytes: number,
): Expired<B> {
  const newestFirst = [...blocks].sort((a, b) => b.maxTime - a.maxTime);
  const newest = newestFirst[0]?.maxTime ?? 0;
  const firstExpired = newestFirst.findIndex(({ maxTime }, i) => i > 0 && newest - maxTime >= limits.timeMs);
  let bytes = otherBytes;
  const large = newestFirst.findIndex(({ sizeBytes }) => (bytes += sizeBytes) > limits.sizeBytes);
  return {
    byTime: limits.timeMs > 0 && firstExpired !== -1 ? newestFirst.slice(firstExpired) : [],
    bySize: limits.sizeBytes > 0 && large !== -1 ? newestFirst.slice(large) : [],
  };
}
