import type { Invalidations } from "@narthex/storage";

/**
 * Invalidations of head and blocks, which the head's log contains. `downsampledBefore` returns the end of the time for
 * which downsampled blocks are read.
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
