import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { isUlid, MAX_ULID_TIME, ulidTime } from "../block/ulid.ts";
import type { BlockSet } from "../block-set/block-set.ts";
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
  /** Lengths of blocks by level, ms; the first is that of blocks cut from the head. */
  readonly ranges: readonly number[];
  readonly mergeOverlapping: boolean;
  readonly delay: CompactionDelay;
  /** Blocks whose longest range ended so much before the newest go to the cold tier, ms; 0 never. */
  readonly coldAfterMs: number;
  /** Blocks that are not to be merged yet. */
  readonly uploads?: PendingUploads | undefined;
  /** Numbers from 0 to below 1 for the names of blocks; default the system's. */
  readonly random?: (() => number) | undefined;
  /** References of the logs that are not their series' own, with the one that is. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly gap: LogGap;
  /** Bytes of logs and head files, for retention by size. */
  readonly otherBytes: () => number;
}

/** What was done, for the self metrics. */
export class MaintenanceFacts {
  triggered = 0;
  ran = 0;
  failed = 0;
  vertical = 0;
  running = false;
  timeRetentions = 0;
  sizeRetentions = 0;
  /** Seconds that compactions took, and the cleaning of deleted samples. */
  readonly durations = makeBuckets(1, 2, 14);
  readonly cleanups = makeBuckets(0.005, 2, 12);
  /** Head chunks whose file could not be read, and whose samples were taken from the log. */
  chunksRecovered = 0;
  staleTriggered = 0;
  staleFailed = 0;
  /** Seconds that compactions of stale series took. */
  readonly staleDurations = makeBuckets(1, 2, 14);
}

/** Out-of-order samples that were set apart for blocks. Those before `from`, ms, are in blocks already. */
export interface OutOfOrderCut {
  readonly sealed: SealedOutOfOrder;
  from: number;
}

/** What the jobs of maintenance work on, and what they have to remember between them. */
export class MaintenanceContext {
  readonly parts: MaintenanceParts;
  readonly facts = new MaintenanceFacts();
  limits: RetentionLimits;
  /** When the head was cut last, ms of the monotonic clock. */
  lastCut: number | undefined;
  /** The head was cut up to this time, ms, since the log was truncated last; -Infinity if it was not. */
  cutTo = -Infinity;
  /** The head was cut since out-of-order samples were moved to blocks last. */
  outOfOrderDue = false;
  /** Out-of-order samples that are being moved to blocks. The next attempt continues with them. */
  outOfOrderCut: OutOfOrderCut | undefined;
  /** Blocks whose merging failed for damage or a fault of the program, by name: they are left alone. */
  readonly failedBlocks = new Set<string>();
  /** What old samples are downsampled to. */
  downsamplingRules: readonly DownsamplingRule[] = [];
  /** What was downsampled and left no block, or failed for damage, by keyOfDownsampling(). */
  readonly doneDownsamplings = new Set<string>();

  /** Since when no maintenance has come to its end, ms of the monotonic clock; undefined where the last one did. */
  failingSince: number | undefined;

  /** Reports whether retention can write where the head begins. */
  readonly headStartLog: StateLog;

  /** Time in the name of the newest block of the head, ms. */
  #named = -Infinity;

  constructor(parts: MaintenanceParts, limits: RetentionLimits) {
    this.parts = parts;
    this.limits = limits;
    const subject = "writing where the head begins (the newest block past retention stays meanwhile)";
    this.headStartLog = logOnChange(parts.logger, subject);
  }

  /**
   * Returns a name for a block of the head. Names decide whose samples came first, so this one sorts after those of
   * earlier blocks, even if the wall clock went back since the last start.
   */
  nameHeadBlock(): string {
    const { blocks, clock, random } = this.parts;
    const names = blocks.blocks.flatMap(({ meta }) => [meta.ulid, ...(meta.compaction.sources ?? [])]);
    const newest = names.filter(isUlid).reduce((time, name) => Math.max(time, ulidTime(name)), this.#named);
    this.#named = Math.min(Math.max(clock.now(), newest + 1), MAX_ULID_TIME);
    return newBlockName(this.#named, random);
  }

  /** Runs the writing of a block, for the self metrics. */
  async timed<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.parts;
    const start = clock.monotonic();
    this.facts.running = true;
    try {
      const result = await work();
      this.facts.ran++;
      observe(this.facts.durations, (clock.monotonic() - start) / 1000);
      return result;
    } finally {
      this.facts.running = false;
    }
  }
}
