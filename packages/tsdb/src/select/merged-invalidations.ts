import type { Invalidations } from "@narthex/storage";

/**
 * Returns the times from which samples of the head and of blocks have changed, for caches of query results.
 * `downsampledBefore` returns the end of the time in which downsampled blocks are read.
 */
export function mergedInvalidations(log: Invalidations, downsampledBefore: () => number): Invalidations {
  return {
    get version() {
      return log.version;
    },
    get sampledSince() {
      return downsampledBefore();
    },
    unchangedBefore: (version) => log.unchangedBefore(version),
  };
}
