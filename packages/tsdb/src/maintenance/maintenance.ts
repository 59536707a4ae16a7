import { eventLoop } from "@narthex/runtime";
import type { Block } from "../block/block.ts";
import { endOf } from "../block-set/block-hints.ts";
import { moveToCold } from "./cold.ts";
import { MaintenanceContext } from "./context.ts";
import { cutHead, cutOutOfOrder, cutStale } from "./cut.ts";
import { downsample, plannedDownsampling } from "./downsample.ts";
import { mergeBlocks } from "./merge.ts";
import { type FolderState, headJob, type JobKind, type MaintenanceJob, nextJob } from "./planner.ts";
import { retain } from "./retain.ts";
import { truncateLog } from "./truncate.ts";

/**
 * Keeps a data folder in shape: the planner says what is to be done next, and the jobs (cut, truncate, merge, retain) do
 * it. Neither its methods nor the jobs must run at the same time.
 */
export class Maintenance extends MaintenanceContext {
  /** Share of stale series from which on they are written to blocks early; 0 never. */
  staleThreshold = 0;

  /** Has the head more than a block and a half: the half still takes samples. */
  get headIsFull(): boolean {
    const { head, ranges } = this.parts;
    return head.maxTime - head.minTime > ranges[0]! * 1.5;
  }

  /** Is the head full, and nothing holds its cutting back? */
  get mustCut(): boolean {
    return this.headIsFull && !this.parts.delay.isWaiting;
  }

  /**
   * Cuts off the head what it need not hold, and merges blocks, until nothing is left to do. A job that fails does not
   * stop jobs of other kinds, with one exception: while the head is full, blocks are merged only after its cut. Rejects
   * with the first failure; the next call tries again.
   */
  async compact(): Promise<void> {
    const { clock, compactor, logger } = this.parts;
    this.facts.triggered++;
    const failures = new Map<JobKind, unknown>();
    for (;;) {
      const job = nextJob(this.#state(new Set(failures.keys())), this.parts);
      if (job === undefined) break;
      try {
        await this.#run(job);
      } catch (cause) {
        if (failures.size > 0) logger.warn("another part of compacting failed", { job: job.kind, err: cause });
        failures.set(job.kind, cause);
        if (compactor.isStopped) break;
      }
    }
    if (failures.size === 0) {
      this.failingSince = undefined;
      return;
    }
    this.facts.failed++;
    this.failingSince ??= clock.monotonic();
    throw failures.values().next().value;
  }

  /** Moves series that have ended from the head to blocks, where they are many. */
  async compactStale(): Promise<void> {
    await cutStale(this, this.staleThreshold);
  }

  #state(failedJobs: ReadonlySet<JobKind>): FolderState<Block> {
    const { blocks, delay, head, uploads } = this.parts;
    delay.observe(this.headIsFull);
    const { cutTo, failedBlocks, mustCut, outOfOrderDue } = this;
    const ofHead = { headMinTime: head.minTime, mustCut, outOfOrderDue, cutTo, failedJobs };
    const isBusy = mustCut || headJob(ofHead, this.parts) !== undefined;
    const free = isBusy ? [] : (uploads?.mergeable(blocks.blocks) ?? blocks.blocks);
    const mergeable = free.filter(({ isColumnar }) => !isColumnar);
    const aged = this.#aged(mergeable);
    const downsampling = isBusy ? undefined : plannedDownsampling(this);
    return { ...ofHead, blocks: blocks.blocks, mergeable, aged, downsampling, failedBlocks };
  }

  /**
   * Counts from the end of the newest block, as retention does. What goes cold is not merged any more: a block waits for the
   * end of the longest range that it can be merged into, for two blocks behind it, which end the planner's waiting for others
   * of that range, and for late samples.
   */
  #aged(blocks: readonly Block[]): readonly Block[] {
    const { coldAfterMs, head, ranges } = this.parts;
    if (coldAfterMs <= 0) return [];
    const newest = endOf(this.parts.blocks.blocks);
    const longest = ranges.at(-1)!;
    const end = newest - Math.max(coldAfterMs, head.outOfOrder.windowMs, 2 * ranges[0]!);
    return blocks.filter(({ meta }) => Math.ceil(meta.maxTime / longest) * longest <= end);
  }

  async #run(job: MaintenanceJob<Block>): Promise<void> {
    eventLoop.begin("storage", job.kind);
    if (job.kind === "cut") await cutHead(this, job.minTime, job.maxTime);
    else if (job.kind === "merge") await mergeBlocks(this, job.blocks);
    else if (job.kind === "downsample") {
      await downsample(this, job.planned);
      retain(this);
    } else if (job.kind === "cold") await moveToCold(this, job.block);
    else if (job.kind === "out-of-order") await cutOutOfOrder(this);
    else await truncateLog(this, job.minTime);
  }
}
