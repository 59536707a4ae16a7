import type { Invalidations } from "@narthex/storage";

/**
 * Returns the invalidations for caches of query results (times from which samples have changed), for head and blocks.
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
