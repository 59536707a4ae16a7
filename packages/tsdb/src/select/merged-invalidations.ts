import type { Invalidations } from "@narthex/storage";

/**
 * Returns the invalidations of head and blocks, from the head's log. `downsampledBefore` returns the end of the time
 * for which downsampled blocks are read.
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
