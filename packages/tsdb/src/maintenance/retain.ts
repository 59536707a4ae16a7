import type { Block } from "../block/block.ts";
import { endOf, endOfBlocks, isPartial } from "../block-set/block-hints.ts";
import { TimeRanges } from "../block-set/time-ranges.ts";
import type { MaintenanceContext } from "./context.ts";
import { expiredDownsampled } from "../downsample/downsampling-plan.ts";
import { awaitedDownsamplings } from "./downsample.ts";
import { writeHeadStart } from "../startup/head-start.ts";
import { beyondRetention } from "./retention.ts";

/**
 * Opens new blocks of the folder, and removes blocks that exceed the retention. Retention by time keeps a block until
 * its samples are downsampled as the rules require. This also holds after a long downtime, or if the rule is new.
 */
export function retain(context: MaintenanceContext, atStart = false): void {
  const { stats, parts } = context;
  const { blocks, downsampled, logger } = parts;
  blocks.reload(atStart);
  retainDownsampled(context, atStart);
  const [byTime, bySize] = [expiredByTime(context), expiredBySize(context)];
  const removed = new Set([...byTime, ...bySize]);
  for (const block of neededAsHeadStart(context, removed)) removed.delete(block);
  if (removed.size === 0) return;
  const [gone, goneDownsampled] = [blocks, downsampled].map((set) => set.blocks.filter((block) => removed.has(block)));
  logger.info("dropping blocks past retention", { blocks: gone!.length, downsampled: goneDownsampled!.length });
  blocks.remove(gone!);
  downsampled.remove(goneDownsampled!);
  if (byTime.some((block) => removed.has(block))) stats.timeRetentions++;
  if (bySize.some((block) => removed.has(block))) stats.sizeRetentions++;
}

/**
 * Writes the start time of the head to a file, if the last block before the head expires and blocks of out-of-order
 * samples remain. Without this file, the next start would restore expired and deleted samples from the log. If the disk
 * refuses the file, returns the blocks that must be kept.
 */
function neededAsHeadStart({ headStartLog, parts }: MaintenanceContext, expired: ReadonlySet<Block>): readonly Block[] {
  const { blocks, dir, downsampled, files } = parts;
  const end = endOfBlocks(blocks.blocks.map(({ meta }) => meta));
  const endOfRest = endOfBlocks(blocks.blocks.filter((block) => !expired.has(block)).map(({ meta }) => meta));
  if (endOfRest >= end) return [];
  try {
    writeHeadStart(dir, end, files);
    headStartLog.succeeded();
    return [];
  } catch (cause) {
    headStartLog.failed(cause instanceof Error ? cause.message : String(cause));
  }
  const needed = blocks.blocks.filter(({ meta }) => !isPartial(meta) && meta.maxTime === end);
  const ranges = new TimeRanges(needed.map(({ meta }) => meta));
  const aggregates = downsampled.blocks.filter(({ meta }) => ranges.overlap(meta));
  return [...needed, ...aggregates];
}

function expiredByTime(context: MaintenanceContext): readonly Block[] {
  const { parts, limits } = context;
  const dated = parts.blocks.blocks.map((block) => ({ block, maxTime: block.meta.maxTime, sizeBytes: 0 }));
  const { byTime } = beyondRetention(dated, { timeMs: limits.timeMs, sizeBytes: 0 }, 0);
  const awaited = new TimeRanges(byTime.length === 0 ? [] : awaitedDownsamplings(context));
  return byTime.map(({ block }) => block).filter(({ meta }) => !awaited.overlap(meta));
}

/**
 * Returns the oldest blocks, which exceed the size limit. A downsampled block is removed after its original samples;
 * otherwise the maintenance would compute the block again.
 */
function expiredBySize({ parts, limits: { sizeBytes } }: MaintenanceContext): readonly Block[] {
  if (sizeBytes <= 0) return [];
  const raw = parts.blocks.blocks;
  const ranges = new TimeRanges(raw.map(({ meta }) => meta));
  const aggregates = parts.downsampled.blocks.map((block) => {
    const maxTime = Math.max(block.meta.maxTime, ranges.latestEnd(block.meta));
    return { block, maxTime, sizeBytes: block.sizeBytes };
  });
  const samples = raw.map((block) => ({ block, maxTime: block.meta.maxTime, sizeBytes: block.sizeBytes }));
  // Puts aggregates first. If blocks have the same end, the last block in the list is removed first.
  const { bySize } = beyondRetention([...aggregates, ...samples], { timeMs: 0, sizeBytes }, parts.otherBytes());
  return bySize.map(({ block }) => block);
}

/**
 * Removes downsampled blocks that exceed their retention. Their age is measured from the end of the newest block, so
 * that a server loses no blocks after a downtime.
 */
function retainDownsampled({ parts, downsamplingRules }: MaintenanceContext, atStart: boolean): void {
  const { blocks, downsampled, logger } = parts;
  downsampled.reload(atStart);
  const newest = Math.max(endOf(blocks.blocks), endOf(downsampled.blocks));
  const expired = expiredDownsampled(downsampled.blocks, downsamplingRules, newest);
  if (expired.length === 0) return;
  logger.info("dropping downsampled blocks past retention", { blocks: expired.length });
  downsampled.remove(expired);
}
