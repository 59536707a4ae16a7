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
 * The background maintenance of a data folder. A planner chooses the next job, such as writing the head to a block,
 * truncating the log or merging blocks. Only one method or job may run at a time.
 */
export class Maintenance extends MaintenanceContext {
  /** Share of ended (stale) series at which they are written to blocks early; 0 means never. */
  staleThreshold = 0;

  /**
   * Whether the head's samples cover more than one and a half block lengths. The newest half of a block length must
   * stay, because it still gets samples.
   */
  get headIsFull(): boolean {
    const { head, ranges } = this.parts;
    return head.maxTime - head.minTime > ranges[0]! * 1.5;
  }

  /** Whether the head is full and must be written to a block without further delay. */
  get mustCut(): boolean {
    return this.headIsFull && !this.parts.delay.isWaiting;
  }

  /**
   * Writes the head to blocks and merges blocks until no job is left. A failed job does not stop jobs of other kinds,
   * except that blocks are not merged while the head is full. Rejects with the first failure; the next call tries the
   * failed jobs again.
   */
  async compact(): Promise<void> {
    const { clock, compactor, logger } = this.parts;
    this.stats.triggered++;
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
    this.stats.failed++;
    this.failingSince ??= clock.monotonic();
    throw failures.values().next().value;
  }

  /** Moves ended series from the head to blocks if their share is large enough. */
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
   * Returns the blocks that are old enough to become columnar ("cold"), measured from the end of the newest block. A
   * cold block is not merged any more. A block therefore first waits for the end of the longest range into which it can
   * be merged, for out-of-order samples, and for two later blocks, after which a merge in that range is unlikely.
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
