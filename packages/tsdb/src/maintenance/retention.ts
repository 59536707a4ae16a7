/** Limits of retention; 0 means no limit. */
export interface RetentionLimits {
  readonly timeMs: number;
  /** Total size of blocks, logs and head files. */
  readonly sizeBytes: number;
  /** Percentage of the disk, 0 to 100, from which sizeBytes was computed, if it was configured so. */
  readonly percentage?: number;
}

/** Facts about a block that retention needs. */
export interface RetainedBlock {
  /** Exclusive, ms. */
  readonly maxTime: number;
  readonly sizeBytes: number;
}

/** Blocks past a limit. */
export interface Expired<B> {
  readonly byTime: readonly B[];
  readonly bySize: readonly B[];
}

/**
 * Returns the blocks to delete. Time counts from the end of the newest block, so that a server that was down loses
 * nothing. Size counts `otherBytes` of logs and head files, then the newest blocks first.
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
