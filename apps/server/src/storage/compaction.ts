import { randomInt } from "node:crypto";
import { resolve } from "node:path";
import { type FlagValues, type Logger } from "@narthex/runtime";
import type { TsdbOptions } from "@narthex/tsdb";
import type { FeatureFlags } from "../feature-flags.ts";
import type { flags } from "../flags.ts";

const DEFAULT_PERCENT = 10;
const MIN_SEGMENT_BYTES = 1024 * 1024;

type Values = FlagValues<typeof flags>;

/** Returns the reason why the flags for compaction cannot be used. Undefined if they are valid. */
export function compactionProblem(values: Values): string | undefined {
  const size = values["storage.tsdb.max-block-chunk-segment-size"];
  if (size === undefined || size === 0 || size >= MIN_SEGMENT_BYTES) return undefined;
  return "flag 'storage.tsdb.max-block-chunk-segment-size' must be set over 1MB";
}

export function compactionOptions(
  values: Values,
  features: FeatureFlags,
  folder: string,
  logger: Logger,
): Pick<TsdbOptions, "compactionDelayMs" | "uploadedBlocksFile" | "chunkSegmentBytes" | "uncachedChunks"> {
  const uploads = values["storage.tsdb.delay-compact-file.path"];
  if (uploads !== "") {
    logger.info("Compactions will be delayed for blocks not marked as uploaded in the file tracking uploads", {
      path: uploads,
    });
  }
  const size = values["storage.tsdb.max-block-chunk-segment-size"];
  return {
    compactionDelayMs: features.has("delayed-compaction") ? randomDelay(values, logger) : 0,
    uploadedBlocksFile: uploads === "" ? undefined : resolve(folder, uploads),
    chunkSegmentBytes: size === 0 ? undefined : size,
    uncachedChunks: features.has("use-uncached-io"),
  };
}

/**
 * Returns a random delay in ms. The delay is at most a percentage of the duration of a block; the flag sets the
 * percentage.
 */
function randomDelay(values: Values, logger: Logger): number {
  let percent = values["storage.tsdb.delayed-compaction.max-percent"];
  if (percent <= 0 || percent > 100) {
    logger.warn(
      "The --storage.tsdb.delayed-compaction.max-percent should have a value between 1 and 100. Using default",
      { default: DEFAULT_PERCENT },
    );
    percent = DEFAULT_PERCENT;
  }
  const longest = Math.floor((values["storage.tsdb.min-block-duration"] * percent) / 100);
  return longest > 0 ? randomInt(longest) : 0;
}
