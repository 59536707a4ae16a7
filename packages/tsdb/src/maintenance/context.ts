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
  /** Blocks whose longest range ended this long before the newest one become cold, ms; 0 never. */
  readonly coldAfterMs: number;
  /** Tracks the blocks that must not be merged before their upload. */
  readonly uploads?: PendingUploads | undefined;
  /** Returns numbers in [0, 1) for the names of blocks; default the system's. */
  readonly random?: (() => number) | undefined;
  /** Further references of a series in the logs, each with the series' own reference. */
  readonly aliases: ReadonlyMap<number, number>;
  readonly gap: LogGap;
  /** Size of logs and head files, for retention by size. */
  readonly otherBytes: () => number;
}

/** Counters of the maintenance for the self metrics. */
class MaintenanceFacts {
  triggered = 0;
  ran = 0;
  failed = 0;
  vertical = 0;
  running = false;
  timeRetentions = 0;
  sizeRetentions = 0;
  /** Durations of compactions and of cleanings of deleted samples, seconds. */
  readonly durations = makeBuckets(1, 2, 14);
  readonly cleanups = makeBuckets(0.005, 2, 12);
  /** Number of head chunks whose file could not be read and whose samples were taken from the log. */
  chunksRecovered = 0;
  staleTriggered = 0;
  staleFailed = 0;
  /** Durations of compactions of stale series, seconds. */
  readonly staleDurations = makeBuckets(1, 2, 14);
}

/** Out-of-order samples that are reserved for blocks. Those before `from`, ms, are already in blocks. */
export interface OutOfOrderCut {
  readonly sealed: SealedOutOfOrder;
  from: number;
}

/** State that the jobs of the maintenance share and keep between runs. */
export class MaintenanceContext {
  readonly parts: MaintenanceParts;
  readonly facts = new MaintenanceFacts();
  limits: RetentionLimits;
  /** Time of the last cut of the head, ms of the monotonic clock. */
  lastCut: number | undefined;
  /** Time up to which the head was cut since the last truncation of the log, ms; -Infinity if it was not cut. */
  cutTo = -Infinity;
  /** Whether the head was cut since out-of-order samples were last moved to blocks. */
  outOfOrderDue = false;
  /** Out-of-order samples that are being moved to blocks. After a failure the next attempt continues with them. */
  outOfOrderCut: OutOfOrderCut | undefined;
  /** Names of blocks whose merge failed because of damage or a bug; they are not tried again. */
  readonly failedBlocks = new Set<string>();
  /** Rules for the downsampling of old samples. */
  downsamplingRules: readonly DownsamplingRule[] = [];
  /** Keys (keyOfDownsampling()) of downsamplings that gave no block, or failed because of damage. */
  readonly doneDownsamplings = new Set<string>();

  /** Time since when no maintenance has completed, ms of the monotonic clock; undefined if the last one did. */
  failingSince: number | undefined;

  /** Logs changes of whether retention can write the start of the head. */
  readonly headStartLog: StateLog;

  /** Time in the name of the head's newest block, ms. */
  #named = -Infinity;

  constructor(parts: MaintenanceParts, limits: RetentionLimits) {
    this.parts = parts;
    this.limits = limits;
    const subject = "writing where the head begins (the newest block past retention stays meanwhile)";
    this.headStartLog = logOnChange(parts.logger, subject);
  }

  /**
   * Returns a name for a block of the head. Names decide which samples are older, so this one sorts after those of
   * earlier blocks, even if the wall clock went back since the last start.
   */
  nameHeadBlock(): string {
    const { blocks, clock, random } = this.parts;
    const names = blocks.blocks.flatMap(({ meta }) => [meta.ulid, ...(meta.compaction.sources ?? [])]);
    const newest = names.filter(isUlid).reduce((time, name) => Math.max(time, ulidTime(name)), this.#named);
    this.#named = Math.min(Math.max(clock.now(), newest + 1), MAX_ULID_TIME);
    return newBlockName(this.#named, random);
  }

  /** Runs the writing of a block and measures it for the self metrics. */
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
