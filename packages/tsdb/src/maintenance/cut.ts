import type { BlockMeta } from "../block/meta.ts";
import { headDraft, type HeadPart, newBlockName } from "../compact/draft.ts";
import { rangeEnd } from "../head/append/float-chunks.ts";
import type { SealedOutOfOrder } from "../head/out-of-order/out-of-order.ts";
import { shareHead } from "../head/query/attached-head.ts";
import { findStale, type StaleSeries } from "../head/stale-series.ts";
import { evictSeries } from "../head/truncate.ts";
import { observe } from "../metrics/buckets.ts";
import { writeHeadStart } from "../startup/head-start.ts";
import type { MaintenanceContext } from "./context.ts";
import { publishBlocks } from "./publish-blocks.ts";
import { forgetBefore } from "./truncate.ts";

/** Stale series are left to the next cut of the head where that is so near. */
const SOON_MS = 600_000;

/** Moves the head's samples from `minTime` to below `maxTime` into a block. */
export async function cutHead(context: MaintenanceContext, minTime: number, maxTime: number): Promise<void> {
  const { clock, dir, files, head, logger } = context.parts;
  context.lastCut = clock.monotonic();
  // Appends go on later than this already; those that began earlier must be through.
  await head.endOfTransactionsBefore(maxTime);
  const meta = await writeHead(context, dir, minTime, maxTime);
  logger.info("wrote a block from the head", { block: meta?.ulid ?? "none", minTime, maxTime });
  await publishBlocks(context, meta);
  if (meta === undefined) writeHeadStart(dir, maxTime, files);
  await forgetBefore(context, maxTime);
}

/** Writes what the head holds from `minTime` to below `maxTime` as a block into a folder. */
export async function writeHead(
  context: MaintenanceContext,
  dir: string,
  minTime: number,
  maxTime: number,
  part: HeadPart = "all",
  only?: Uint8Array,
): Promise<BlockMeta | undefined> {
  const { clock, compactor, head, random, stored } = context.parts;
  const draft = headDraft(newBlockName(clock.now(), random), minTime, maxTime, part);
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

/** Moves out-of-order samples into blocks of the shortest range, aligned as those of the head. */
export async function cutOutOfOrder(context: MaintenanceContext): Promise<void> {
  const { dir, head, stored } = context.parts;
  const outOfOrder = await writeOutOfOrder(context, dir);
  if (outOfOrder === undefined) return;
  await publishBlocks(context, ...outOfOrder.written);
  head.outOfOrder.drop(outOfOrder.sealed);
  await head.outOfOrder.log?.syncRemovals();
  stored.truncate(head.minValidTime);
}

/** Writes what came out of order as blocks into a folder; undefined where there is nothing. */
export async function writeOutOfOrder(
  context: MaintenanceContext,
  dir: string,
): Promise<{ sealed: SealedOutOfOrder; written: readonly (BlockMeta | undefined)[] } | undefined> {
  const { head, logger, ranges } = context.parts;
  const { outOfOrder } = head;
  if (outOfOrder.minTime === Infinity) return undefined;
  const sealed = await head.mutex.runExclusive(() => Promise.resolve(outOfOrder.seal()));
  const range = ranges[0]!;
  const written: (BlockMeta | undefined)[] = [];
  for (let from = rangeEnd(sealed.minTime, range) - range; from <= sealed.maxTime; from += range) {
    const meta = await writeHead(context, dir, from, from + range, "out-of-order");
    written.push(meta);
    if (meta !== undefined) logger.info("wrote a block of out-of-order samples", { block: meta.ulid });
  }
  return { sealed, written };
}

/** Moves the series that have ended into blocks where their share is `threshold`, 0 never; the rest of the head stays. */
export async function cutStale(context: MaintenanceContext, threshold: number): Promise<void> {
  if (threshold <= 0 || cutsSoon(context)) return;
  const { facts } = context;
  const { clock, head, logger } = context.parts;
  const stale = await findStale(head);
  if (stale.rows.length === 0 || stale.rows.length / head.memory.series.count < threshold) return;
  const start = clock.monotonic();
  facts.staleTriggered++;
  try {
    const removed = await moveStale(context, stale);
    const seconds = (clock.monotonic() - start) / 1000;
    observe(facts.staleDurations, seconds);
    logger.info("moved stale series from the head to blocks", { series: removed, duration: `${seconds.toFixed(3)}s` });
  } catch (cause) {
    facts.staleFailed++;
    throw cause;
  }
}

async function moveStale(context: MaintenanceContext, { rows, lastTimes, mask }: StaleSeries): Promise<number> {
  const { dir, head, ranges, truncation, wal } = context.parts;
  const range = ranges[0]!;
  const { maxTime } = head;
  for (let from = Math.floor(head.minTime / range) * range; from <= maxTime; from += range) {
    await publishBlocks(context, await writeHead(context, dir, from, from + range, "stale", mask));
  }
  const { memory } = head;
  const { series } = await evictSeries(head, rows, (row, i) => memory.series.at.lastTime[row] === lastTimes[i]);
  for (const ref of series) truncation.keepUntil(ref, wal.segment);
  return series.length;
}

function cutsSoon({ parts, lastCut }: MaintenanceContext): boolean {
  return lastCut !== undefined && parts.clock.monotonic() + SOON_MS > lastCut + parts.ranges[0]!;
}
