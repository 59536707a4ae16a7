import type { Invalidations } from "@narthex/storage";

/** Those of head and blocks, which the head's tell of; `downsampledBefore` says up to when downsampled blocks are read. */
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
