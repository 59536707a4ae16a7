import { setImmediate } from "node:timers/promises";
import { runStepByStep } from "@narthex/runtime";
import type { BlockMeta } from "../block/meta.ts";
import { headDraft, type HeadPart } from "../compact/draft.ts";
import { rangeEnd } from "../head/append/float-chunks.ts";
import type { OutOfOrder, SealedOutOfOrder } from "../head/out-of-order/out-of-order.ts";
import { shareHead } from "../head/query/attached-head.ts";
import { findStale, type StaleSeries } from "../head/stale-series.ts";
import { evictSeries } from "../head/truncate.ts";
import { observe } from "../metrics/buckets.ts";
import { writeHeadStart } from "../startup/head-start.ts";
import type { MaintenanceContext, OutOfOrderCut } from "./context.ts";
import { recoverChunks } from "./recover-chunks.ts";
import { publishBlocks } from "./publish-blocks.ts";
import { forgetBefore } from "./truncate.ts";

/**
 * Time in ms within which the next block of the head includes ended (stale) series. If the next block is further away,
 * the ended series are written to a separate block.
 */
const SOON_MS = 600_000;

/** Moves the head's samples in [minTime, maxTime) into a block. */
export async function cutHead(context: MaintenanceContext, minTime: number, maxTime: number): Promise<void> {
  const { clock, dir, files, head, logger } = context.parts;
  context.lastCut = clock.monotonic();
  // Waits for earlier transactions. New transactions can append only samples that are later than `maxTime`.
  await head.endOfTransactionsBefore(maxTime);
  // Gives up if a transaction that has just ended appended a sample before `minTime`. This sample belongs in an earlier
  // block, which the planner then plans first.
  if (head.minTime < minTime) return;
  const meta = await writeHead(context, dir, minTime, maxTime);
  logger.info("wrote a block from the head", { block: meta?.ulid ?? "none", minTime, maxTime });
  await publishBlocks(context, meta);
  if (meta === undefined) writeHeadStart(dir, maxTime, files);
  await forgetBefore(context, maxTime);
  context.cutTo = maxTime;
  context.outOfOrderDue = true;
}

/**
 * Writes the head's samples in [minTime, maxTime) as a block into a folder. Chunks whose file cannot be read are
 * restored from the log.
 */
export async function writeHead(
  context: MaintenanceContext,
  dir: string,
  minTime: number,
  maxTime: number,
  part: HeadPart = "all",
  only?: Uint8Array,
): Promise<BlockMeta | undefined> {
  for (;;) {
    try {
      return await tryToWriteHead(context, dir, minTime, maxTime, part, only);
    } catch (cause) {
      // Repeats the write after damaged chunks were restored from the log. The loop ends, because each recovery leaves
      // fewer chunks in files.
      if (!(await recoverChunks(context, cause))) throw cause;
    }
  }
}

async function tryToWriteHead(
  context: MaintenanceContext,
  dir: string,
  minTime: number,
  maxTime: number,
  part: HeadPart,
  only: Uint8Array | undefined,
): Promise<BlockMeta | undefined> {
  const { compactor, head, stored } = context.parts;
  const draft = headDraft(context.nameHeadBlock(), minTime, maxTime, part);
  const shared = shareHead(head);
  const chunksDir = stored.files.dir;
  const unpin = head.pin();
  try {
    return await context.timed(() =>
      compactor.run({
        kind: "head",
        dir,
        draft,
        head: shared.handles,
        chunksDir,
        minTime,
        maxTime: maxTime - 1,
        outOfOrder: part === "out-of-order",
        only,
      }),
    );
  } finally {
    unpin();
    shared.release();
  }
}

/**
 * Moves out-of-order samples from the head into blocks of the shortest length, aligned like other blocks. After a
 * failure the next call continues with the block that failed.
 */
export async function cutOutOfOrder(context: MaintenanceContext): Promise<void> {
  const { dir, head, ranges, stored } = context.parts;
  const cut = (context.outOfOrderCut ??= await beginOutOfOrderCut(context));
  if (cut !== undefined) {
    for (; cut.from <= cut.sealed.maxTime; cut.from += ranges[0]!) {
      await publishBlocks(context, await writeOutOfOrderRange(context, dir, cut.from));
    }
    await runStepByStep(head.outOfOrder.drop(cut.sealed));
    context.outOfOrderCut = undefined;
  }
  await head.outOfOrder.log?.syncRemovals();
  await stored.truncate(head.minValidTime);
  context.outOfOrderDue = false;
}

/** Writes copies of all out-of-order samples as blocks into a folder. The samples stay in the head. */
export async function writeOutOfOrder(context: MaintenanceContext, dir: string): Promise<void> {
  const cut = await beginOutOfOrderCut(context);
  if (cut === undefined) return;
  for (let { from } = cut; from <= cut.sealed.maxTime; from += context.parts.ranges[0]!) {
    await writeOutOfOrderRange(context, dir, from);
  }
}

/** Selects the out-of-order samples that will be moved to blocks. Resolves with undefined if the head has none. */
async function beginOutOfOrderCut({ parts }: MaintenanceContext): Promise<OutOfOrderCut | undefined> {
  const { head, ranges } = parts;
  const { outOfOrder } = head;
  if (outOfOrder.minTime === Infinity) return undefined;
  const sealed = await head.mutex.runExclusive(() => sealInSteps(outOfOrder));
  return { sealed, from: rangeEnd(sealed.minTime, ranges[0]) - ranges[0]! };
}

/**
 * Closes the chunks of out-of-order samples, in several turns of the event loop. Waits for syncs of the chunk files.
 */
async function sealInSteps(outOfOrder: OutOfOrder): Promise<SealedOutOfOrder> {
  const steps = outOfOrder.seal();
  for (;;) {
    if (outOfOrder.mustSettle) await outOfOrder.settle();
    const step = steps.next();
    if (step.done === true) return step.value;
    await setImmediate();
  }
}

async function writeOutOfOrderRange(
  context: MaintenanceContext,
  dir: string,
  from: number,
): Promise<BlockMeta | undefined> {
  const { logger, ranges } = context.parts;
  const meta = await writeHead(context, dir, from, from + ranges[0]!, "out-of-order");
  if (meta !== undefined) logger.info("wrote a block of out-of-order samples", { block: meta.ulid });
  return meta;
}

/**
 * Moves ended (stale) series into blocks if their share of all series is at least `threshold`; 0 means never. Other
 * series stay in the head.
 */
export async function cutStale(context: MaintenanceContext, threshold: number): Promise<void> {
  if (threshold <= 0 || cutsSoon(context)) return;
  const { stats } = context;
  const { clock, head, logger } = context.parts;
  const stale = await findStale(head);
  if (stale.rows.length === 0 || stale.rows.length / head.memory.series.count < threshold) return;
  const start = clock.monotonic();
  stats.staleTriggered++;
  try {
    const removed = await moveStale(context, stale);
    const seconds = (clock.monotonic() - start) / 1000;
    observe(stats.staleDurations, seconds);
    logger.info("moved stale series from the head to blocks", { series: removed, duration: `${seconds.toFixed(3)}s` });
  } catch (cause) {
    stats.staleFailed++;
    throw cause;
  }
}

async function moveStale(context: MaintenanceContext, { rows, lastTimes, mask }: StaleSeries): Promise<number> {
  const { blocks, dir, head, ranges, truncation, wal } = context.parts;
  const range = ranges[0]!;
  const { maxTime } = head;
  const written = new Set<string>();
  try {
    for (let from = Math.floor(head.minTime / range) * range; from <= maxTime; from += range) {
      const meta = await writeHead(context, dir, from, from + range, "stale", mask);
      if (meta !== undefined) written.add(meta.ulid);
      await publishBlocks(context, meta);
    }
  } catch (cause) {
    // Removes the blocks of this failed attempt. The head still has all their samples, and the next attempt, a minute
    // later, writes the blocks again.
    blocks.remove(blocks.blocks.filter(({ meta }) => written.has(meta.ulid)));
    throw cause;
  }
  const { memory } = head;
  const { series } = await evictSeries(head, rows, (row, i) => memory.series.at.lastTime[row] === lastTimes[i]);
  await runStepByStep(truncation.keepAllUntil(series, wal.segment));
  return series.length;
}

function cutsSoon({ parts, lastCut }: MaintenanceContext): boolean {
  return lastCut !== undefined && parts.clock.monotonic() + SOON_MS > lastCut + parts.ranges[0]!;
}
