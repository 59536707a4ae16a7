import type { Block } from "../block/block.ts";
import { endOfBlocks } from "../block-set/block-hints.ts";
import type { BlockMeta } from "../block/meta.ts";
import type { MaintenanceContext } from "./context.ts";
import { expiredDownsampled } from "../downsample/downsampling-plan.ts";
import { awaitedDownsamplings } from "./downsample.ts";
import { writeHeadStart } from "../startup/head-start.ts";
import { beyondRetention } from "./retention.ts";

type TimeRange = Pick<BlockMeta, "minTime" | "maxTime">;

/**
 * Takes up what has come to the folder, and drops what is past retention. What a rule wants downsampled is not dropped by
 * time before it is, however long the server stood still or the rule was not there.
 */
export function retain(context: MaintenanceContext, atStart = false): void {
  const { blocks, downsampled, logger } = context.parts;
  blocks.reload(atStart);
  retainDownsampled(context, atStart);
  const expired = [...expiredByTime(context), ...expiredBySize(context)];
  if (expired.length === 0) return;
  const isGone = new Set(expired);
  const [gone, goneDownsampled] = [blocks, downsampled].map((set) => set.blocks.filter((block) => isGone.has(block)));
  if (!keepsHeadStart(context, gone!)) return;
  logger.info("dropping blocks past retention", { blocks: gone!.length, downsampled: goneDownsampled!.length });
  blocks.remove(gone!);
  downsampled.remove(goneDownsampled!);
}

/**
 * Notes where the head begins if the last block before it goes, while late samples keep newer blocks: otherwise the next
 * start would take what the block held, deleted samples among them, from the log. Returns false if that failed.
 */
function keepsHeadStart({ parts }: MaintenanceContext, expired: readonly Block[]): boolean {
  const { blocks, dir, files, logger } = parts;
  const isGone = new Set(expired);
  const end = endOfBlocks(blocks.blocks.map(({ meta }) => meta));
  const endOfRest = endOfBlocks(blocks.blocks.filter((block) => !isGone.has(block)).map(({ meta }) => meta));
  if (endOfRest >= end) return true;
  try {
    writeHeadStart(dir, end, files);
    return true;
  } catch (cause) {
    logger.warn("blocks past retention stay: the time where the head begins could not be written", { err: cause });
    return false;
  }
}

function expiredByTime(context: MaintenanceContext): readonly Block[] {
  const { parts, limits, facts } = context;
  const dated = parts.blocks.blocks.map((block) => ({ block, maxTime: block.meta.maxTime, sizeBytes: 0 }));
  const { byTime } = beyondRetention(dated, { timeMs: limits.timeMs, sizeBytes: 0 }, 0);
  const awaited = byTime.length === 0 ? [] : awaitedDownsamplings(context);
  const expired = byTime.filter(({ block: { meta } }) => !awaited.some((stretch) => overlap(stretch, meta)));
  if (expired.length > 0) facts.timeRetentions++;
  return expired.map(({ block }) => block);
}

/** The oldest of either kind; aggregates after the samples that they were made of, or they would be made anew. */
function expiredBySize({ parts, limits: { sizeBytes }, facts }: MaintenanceContext): readonly Block[] {
  if (sizeBytes <= 0) return [];
  const raw = parts.blocks.blocks;
  const aggregates = parts.downsampled.blocks.map((block) => {
    const ends = raw.filter(({ meta }) => overlap(meta, block.meta)).map(({ meta }) => meta.maxTime);
    return { block, maxTime: Math.max(block.meta.maxTime, ...ends), sizeBytes: block.sizeBytes };
  });
  const samples = raw.map((block) => ({ block, maxTime: block.meta.maxTime, sizeBytes: block.sizeBytes }));
  // Of those that end at the same time the last go first.
  const { bySize } = beyondRetention([...aggregates, ...samples], { timeMs: 0, sizeBytes }, parts.otherBytes());
  if (bySize.length > 0) facts.sizeRetentions++;
  return bySize.map(({ block }) => block);
}

const overlap = (a: TimeRange, b: TimeRange): boolean => a.minTime < b.maxTime && a.maxTime > b.minTime;

/** Time counts from the end of the newest block of either kind, so that a server that stood still loses nothing. */
function retainDownsampled({ parts, downsamplingRules }: MaintenanceContext, atStart: boolean): void {
  const { blocks, downsampled, logger } = parts;
  downsampled.reload(atStart);
  const newest = Math.max(...[...blocks.blocks, ...downsampled.blocks].map(({ meta }) => meta.maxTime));
  const expired = expiredDownsampled(downsampled.blocks, downsamplingRules, newest);
  if (expired.length === 0) return;
  logger.info("dropping downsampled blocks past retention", { blocks: expired.length });
  downsampled.remove(expired);
}
