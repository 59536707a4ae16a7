/** How long and how much is kept; 0 is no limit. */
export interface RetentionLimits {
  readonly timeMs: number;
  /** Of blocks, logs and head files together. */
  readonly sizeBytes: number;
  /** The share of the disk that sizeBytes stands for, where it was given so. */
  readonly percentage?: number;
}

/** What retention needs to know of a block. */
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
 * The blocks to delete. Time counts from the end of the newest block, so that a server that stood still loses nothing;
 * size counts the newest blocks first, after `otherBytes` of logs and head files.
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
