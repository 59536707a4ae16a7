import type { MaintenanceContext } from "./context.ts";
import { beyondRetention } from "./retention.ts";

/** Takes up what has come to the folder, and drops what is past retention. */
export function retain({ parts, limits, facts }: MaintenanceContext, atStart = false): void {
  const { blocks, otherBytes, logger } = parts;
  blocks.reload(atStart);
  const dated = blocks.blocks.map((block) => ({
    block,
    maxTime: block.meta.maxTime,
    sizeBytes: limits.sizeBytes > 0 ? block.sizeBytes : 0,
  }));
  const { byTime, bySize } = beyondRetention(dated, limits, limits.sizeBytes > 0 ? otherBytes() : 0);
  if (byTime.length > 0) facts.timeRetentions++;
  if (bySize.length > 0) facts.sizeRetentions++;
  const expired = new Set([...byTime, ...bySize].map(({ block }) => block));
  if (expired.size === 0) return;
  logger.info("dropping blocks past retention", { blocks: expired.size });
  blocks.remove([...expired]);
}
