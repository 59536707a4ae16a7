import { runStepByStep } from "@narthex/runtime";
import { dropSnapshots } from "../head-snapshot/snapshot-folder.ts";
import type { Head } from "../head/head.ts";
import { truncateHead } from "../head/truncate.ts";
import { CheckpointLeftover } from "../wal/truncation.ts";
import type { MaintenanceContext } from "./context.ts";

/** Removes samples before `minTime`, which a block now has, from the head. */
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
 * Removes the samples that blocks already have from the head, and the series without other samples. Called at the
 * start.
 */
export async function forgetWhatBlocksHold({ parts }: MaintenanceContext, lastSegment: number): Promise<void> {
  const { head, stored, truncation } = parts;
  const { minValidTime } = head;
  if (minValidTime === -Infinity) return;
  const { series } = await truncateHead(head, minValidTime);
  await runStepByStep(truncation.keepAllUntil(series, lastSegment));
  await stored.truncate(minValidTime);
  settleMinTime(head, minValidTime);
}

/** Removes records before `minTime`, whose samples blocks have, from the log. */
export async function truncateLog(context: MaintenanceContext, minTime: number): Promise<void> {
  const { dir, files, head, truncation } = context.parts;
  // Out-of-order samples that return after a power cut would return without their deletions.
  await head.outOfOrder.log?.syncRemovals();
  // A snapshot names series by references that the log will not know any more.
  dropSnapshots(dir, files);
  const { log, minTime: oldestOutOfOrder } = head.outOfOrder;
  const keepsAliases = log?.isInherited === true;
  try {
    await truncation.run(minTime, head.memory.series.liveRefs(), { oldestOutOfOrder, keepsAliases });
  } catch (cause) {
    const isDamaged = cause instanceof Error && cause.name === "DamagedSegment";
    // The next start repairs a damaged log: until the next cut of the head it need not be read again.
    if (isDamaged || cause instanceof CheckpointLeftover) context.cutTo = -Infinity;
    throw cause;
  }
  context.cutTo = -Infinity;
}

/**
 * Sets the start of the head after a truncation: at its oldest sample, but not within the time to which other series
 * may still append.
 */
function settleMinTime(head: Head, minTime: number): void {
  if (head.maxTime === -Infinity) return;
  head.minTime = Math.max(head.minTime, minTime);
  if (head.minTime > minTime && head.minTime >= head.minAppendTime)
    head.minTime = Math.max(minTime, head.minAppendTime);
  head.minValidTime = Math.max(head.minValidTime, head.minTime);
}
