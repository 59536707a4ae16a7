import { runStepByStep } from "@narthex/runtime";
import type { Head } from "../head/head.ts";
import { truncateHead } from "../head/truncate.ts";
import { CheckpointLeftover } from "../wal/truncation.ts";
import type { MaintenanceContext } from "./context.ts";

/** Removes the samples before `minTime` from the head after they were written to a block. */
export async function forgetBefore({ parts }: MaintenanceContext, minTime: number): Promise<void> {
  const { clock, head, stored, truncation, wal } = parts;
  const start = clock.monotonic();
  head.counters.truncations++;
  head.minValidTime = Math.max(head.minValidTime, minTime);
  try {
    const { series } = await truncateHead(head, minTime);
    await runStepByStep(truncation.keepAllUntil(series, wal.segment));
    await stored.truncate(minTime);
  } catch (cause) {
    head.counters.truncationsFailed++;
    throw cause;
  }
  head.counters.collections++;
  head.counters.collectionSeconds += (clock.monotonic() - start) / 1000;
  settleMinTime(head, minTime);
}

/**
 * Removes the samples from the head that blocks already contain, and series without remaining samples. Runs at the
 * start.
 */
export async function removeSamplesInBlocks({ parts }: MaintenanceContext, lastSegment: number): Promise<void> {
  const { head, stored, truncation } = parts;
  const { minValidTime } = head;
  if (minValidTime === -Infinity) return;
  const { series } = await truncateHead(head, minValidTime);
  await runStepByStep(truncation.keepAllUntil(series, lastSegment));
  await stored.truncate(minValidTime);
  settleMinTime(head, minValidTime);
}

/** Removes records before `minTime` from the log. Their samples are in blocks. */
export async function truncateLog(context: MaintenanceContext, minTime: number): Promise<void> {
  const { head, truncation } = context.parts;
  // Waits until removed segments of out-of-order samples are deleted from the disk, before deletions are removed from
  // the log. Otherwise a power cut could restore the samples without their deletions.
  await head.outOfOrder.log?.syncRemovals();
  const { log, minTime: oldestOutOfOrder } = head.outOfOrder;
  const keepsAliases = log?.isInherited === true;
  try {
    await truncation.run(minTime, head.memory.series.liveRefs(), { oldestOutOfOrder, keepsAliases });
  } catch (cause) {
    const isDamaged = cause instanceof Error && cause.name === "DamagedSegment";
    // Prevents the planner from repeating the truncation before the next block is written from the head. Only the next
    // start repairs a damaged log, and after a CheckpointLeftover the checkpoint is complete.
    if (isDamaged || cause instanceof CheckpointLeftover) context.cutTo = -Infinity;
    throw cause;
  }
  context.cutTo = -Infinity;
}

/**
 * Sets the start time of the head after a truncation to the time of its oldest sample. Sets an earlier time if
 * transactions may still append samples from that time on.
 */
function settleMinTime(head: Head, minTime: number): void {
  if (head.maxTime === -Infinity) return;
  head.minTime = Math.max(head.minTime, minTime);
  if (head.minTime > minTime && head.minTime >= head.minAppendTime)
    head.minTime = Math.max(minTime, head.minAppendTime);
  head.minValidTime = Math.max(head.minValidTime, head.minTime);
}
