import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { isUlid, MAX_ULID_TIME, ulidTime } from "../block/ulid.ts";
import { isOfContents } from "../block/block-error.ts";
import type { BlockMeta } from "../block/meta.ts";
import type { BlockSet } from "../block-set/block-set.ts";
import type { CompactionJob } from "../compact/compaction-job.ts";
import type { Compactor } from "../compact/compactor.ts";
import { newBlockName } from "../compact/draft.ts";
import type { DownsamplingRule } from "../downsample/rule.ts";
import type { Files } from "../files.ts";
import type { StoredChunks } from "../head/chunk-files/stored-chunks.ts";
import type { Head } from "../head/head.ts";
import type { SealedOutOfOrder } from "../head/out-of-order/out-of-order.ts";
import { makeBuckets, observe } from "../metrics/buckets.ts";
import type { LogGap } from "../startup/log-gap.ts";
import type { WalTruncation } from "../wal/truncation.ts";
import type { WalWriter } from "../wal/writer.ts";
import type { CompactionDelay } from "./compaction-delay.ts";
import type { PendingUploads } from "./pending-uploads.ts";
import type { RetentionLimits } from "./retention.ts";

export interface MaintenanceParts {
  readonly dir: string;
  readonly files: Files;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly head: Head;
  readonly stored: StoredChunks;
  readonly blocks: BlockSet;
  readonly downsampled: BlockSet;
  readonly compactor: Compactor;
  readonly wal: WalWriter;
  readonly truncation: WalTruncation;
  /** Block lengths by compaction level, ms. The first is the length of blocks that are written from the head. */
  readonly ranges: readonly number[];
  readonly mergeOverlapping: boolean;
  readonly delay: CompactionDelay;
  /**
   * Age in ms from which blocks are converted to columnar ("cold") blocks; 0 means never. The age runs from the end of
   * the longest range into which a block can be merged, to the end of the newest block.
   */
  readonly coldAfterMs: number;
  /** Decides which blocks must not be merged because they are not uploaded yet. */
  readonly uploads?: PendingUploads | undefined;
  /** Random generator, which returns numbers in [0, 1), for the names of blocks. By default the system's. */
  readonly random?: (() => number) | undefined;
  /** Older references of series in the logs, each mapped to the current reference of the series. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly gap: LogGap;
  /** Returns the total size of logs and head files in bytes, which counts for the retention by size. */
  readonly otherBytes: () => number;
}

/** Counters of the maintenance, for the database's own metrics. */
class MaintenanceStats {
  triggered = 0;
  ran = 0;
  failed = 0;
  vertical = 0;
  running = false;
  timeRetentions = 0;
  sizeRetentions = 0;
  /** Histogram of the durations of compactions, and of rewrites without deleted samples, in seconds. */
  readonly durations = makeBuckets(1, 2, 14);
  readonly cleanups = makeBuckets(0.005, 2, 12);
  /** Number of head chunks whose file could not be read and whose samples were restored from the log. */
  chunksRecovered = 0;
  staleTriggered = 0;
  staleFailed = 0;
  /** Histogram of the durations of compactions of ended (stale) series, in seconds. */
  readonly staleDurations = makeBuckets(1, 2, 14);
}

/** Progress of moving out-of-order samples to blocks. The samples before the time `from`, ms, are already in blocks. */
export interface OutOfOrderCut {
  readonly sealed: SealedOutOfOrder;
  from: number;
}

/** State that the maintenance jobs share. It persists between runs. */
export class MaintenanceContext {
  readonly parts: MaintenanceParts;
  readonly stats = new MaintenanceStats();
  limits: RetentionLimits;
  /** Time at which the head was last written to a block, ms of the monotonic clock. */
  lastCut: number | undefined;
  /**
   * Time in ms up to which the head was written to blocks since the last truncation of the log; -Infinity if no block
   * was written since then.
   */
  cutTo = -Infinity;
  /** Whether the head was written to a block since out-of-order samples were last moved to blocks. */
  outOfOrderDue = false;
  /**
   * A started but unfinished move of out-of-order samples to blocks. After a failure, the next attempt continues it.
   */
  outOfOrderCut: OutOfOrderCut | undefined;
  /** Names of blocks whose merge failed because of damage or a bug. These blocks are not merged again. */
  readonly failedBlocks = new Set<string>();
  /** Rules for the downsampling of old samples. */
  downsamplingRules: readonly DownsamplingRule[] = [];
  /**
   * Keys (keyOfDownsampling()) of downsamplings that are not tried again, because they resulted in no block or failed
   * because of damage.
   */
  readonly doneDownsamplings = new Set<string>();

  /**
   * Time of the first failure since the last complete maintenance, ms of the monotonic clock; undefined if the last
   * maintenance was complete.
   */
  failingSince: number | undefined;

  /**
   * Logs a message when retention cannot write the start time of the head to its file, and another when it can again.
   */
  readonly headStartLog: StateLog;

  /** Time in the name of the newest block that was written from the head, ms. */
  #named = -Infinity;

  constructor(parts: MaintenanceParts, limits: RetentionLimits) {
    this.parts = parts;
    this.limits = limits;
    const subject = "writing where the head begins (the newest block past retention stays meanwhile)";
    this.headStartLog = logOnChange(parts.logger, subject);
  }

  /**
   * Returns a name for a block that is written from the head. Names decide which samples are older, so the name must
   * sort after all earlier names, even if the wall clock was set back since the last start.
   */
  nameHeadBlock(): string {
    const { blocks, clock, random } = this.parts;
    const names = blocks.blocks.flatMap(({ meta }) => [meta.ulid, ...(meta.compaction.sources ?? [])]);
    const newest = names.filter(isUlid).reduce((time, name) => Math.max(time, ulidTime(name)), this.#named);
    this.#named = Math.min(Math.max(clock.now(), newest + 1), MAX_ULID_TIME);
    return newBlockName(this.#named, random);
  }

  /**
   * Runs a job that writes a block from other blocks. If the source blocks seem to be damaged, opens them again and
   * runs the job a second time, because a disk can transfer wrong bytes once.
   */
  writeFromBlocks(job: CompactionJob): Promise<BlockMeta | undefined> {
    const { compactor, logger } = this.parts;
    return this.timed(async () => {
      try {
        return await compactor.run(job);
      } catch (cause) {
        if (!isOfContents(cause)) throw cause;
        logger.warn("a block seems to be damaged; it is read once more", { into: job.draft.ulid, err: cause });
        return compactor.run(job);
      }
    });
  }

  /** Runs a job that writes a block, and measures its duration for the database's own metrics. */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.parts;
    const start = clock.monotonic();
    this.stats.running = true;
    try {
      const result = await work();
      this.stats.ran++;
      observe(this.stats.durations, (clock.monotonic() - start) / 1000);
      return result;
    } finally {
      this.stats.running = false;
    }
  }
}
