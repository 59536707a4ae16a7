import type { Clock, Steps } from "@narthex/runtime";
import { type CheckpointRequest, runCheckpoint } from "./checkpoint.ts";
import type { CheckpointLeftovers } from "./replace-by-checkpoint.ts";
import type { WalCompression } from "./compression.ts";
import { listSegments } from "./segment.ts";
import type { WalWriter } from "./writer.ts";

/** Number of references that are recorded between two yields to other work. */
const REFS_PER_STEP = 4096;

/** Data that a truncation must keep in addition to newer samples. */
export interface TruncationOptions {
  /**
   * Time of the oldest out-of-order sample, ms. Deletions of samples after this time stay in the log. By default, there
   * is no out-of-order sample.
   */
  readonly oldestOutOfOrder?: number;
  /**
   * Number of the first segment that must stay unchanged, together with all later segments. By default, there is no
   * such segment.
   */
  readonly heldFrom?: number;
  /**
   * Whether the log must keep the series records of all references that were passed to keepForSamples(), whatever the
   * time of their samples.
   */
  readonly keepsAliases?: boolean;
}

/**
 * Error that a checkpoint was written, but that the system did not remove the files that the checkpoint replaces. The
 * next checkpoint removes them.
 */
export class CheckpointLeftover extends Error {
  override readonly name = "CheckpointLeftover";

  constructor(reason: string) {
    super(`the checkpoint is made, but what it replaces is left: ${reason}`);
  }
}

/** Replaces the oldest two thirds of the log by a checkpoint with the records that are still needed. */
export class WalTruncation {
  readonly stats = {
    checkpoints: 0,
    checkpointsFailed: 0,
    checkpointDeletions: 0,
    checkpointDeletionsFailed: 0,
    walTruncations: 0,
    walTruncationSeconds: 0,
    failedTruncations: 0,
  };
  readonly #wal: WalWriter;
  readonly #compression: WalCompression;
  readonly #clock: Clock;
  readonly #writeCheckpoint: (dir: string, request: CheckpointRequest) => Promise<CheckpointLeftovers>;
  /**
   * References whose series are no longer in the head, each with the number of the last segment that may contain its
   * samples.
   */
  readonly #expiries = new Map<number, number>();
  /** Older references of series, each with the time in ms of the newest sample that the log may have for it. */
  readonly #lastTimes = new Map<number, number>();
  /**
   * A truncation that has failed so far, with the last segment that it replaces. The next attempt begins no additional
   * segment.
   */
  #begun: { readonly minTime: number; readonly last: number } | undefined;
  /**
   * End time in ms of the samples in the part of the log that was not read. The log keeps the records of all series
   * until no truncation needs samples up to this time.
   */
  #keepAllTo = -Infinity;

  /**
   * @param writeCheckpoint writes a checkpoint, for instance on another thread; by default on this thread, in several
   * turns of the event loop
   */
  constructor(
    wal: WalWriter,
    compression: WalCompression,
    clock: Clock,
    writeCheckpoint = (dir: string, request: CheckpointRequest): Promise<CheckpointLeftovers> =>
      runCheckpoint(dir, request, wal.files),
  ) {
    this.#writeCheckpoint = writeCheckpoint;
    this.#wal = wal;
    this.#compression = compression;
    this.#clock = clock;
  }

  /** Makes the log keep the series record of a reference as long as the segment `segment` exists. */
  keepUntil(ref: number, segment: number): void {
    this.#expiries.set(ref, segment);
  }

  /** Makes the log keep the series records of many references as long as a segment exists. Works in steps. */
  *keepAllUntil(refs: readonly number[], segment: number): Steps<void> {
    for (const [i, ref] of refs.entries()) {
      if (i % REFS_PER_STEP === REFS_PER_STEP - 1) yield;
      this.#expiries.set(ref, segment);
    }
  }

  /**
   * Makes the log keep the series record of a reference as long as it may contain samples with the reference.
   * `lastTime` is the time of the newest of these samples, ms.
   */
  keepForSamples(ref: number, lastTime: number): void {
    this.#lastTimes.set(ref, lastTime);
  }

  /**
   * Makes the log keep all series records until samples up to `time` are no longer needed. Must be called if the
   * beginning of the log was not read, because the unread part may contain samples with any reference.
   */
  keepAllTo(time: number): void {
    this.#keepAllTo = time;
  }

  /** Number of kept references whose series are no longer in the head. */
  get expiring(): number {
    return this.#expiries.size;
  }

  /**
   * Truncates the log, but keeps samples from `minTime` on. `liveRefs` are the references of the series in the head.
   */
  async run(
    minTime: number,
    liveRefs: Uint32Array,
    { oldestOutOfOrder = Infinity, heldFrom = Infinity, keepsAliases = false }: TruncationOptions = {},
  ): Promise<void> {
    const start = this.#clock.monotonic();
    this.stats.walTruncations++;
    try {
      if (this.#begun?.minTime !== minTime) this.#begun = { minTime, last: this.#wal.nextSegment() - 1 };
      const { last } = this.#begun;
      // The list is not empty, because nextSegment() has created a segment if the log had none.
      const first = listSegments(this.#wal.dir, this.#wal.files)[0]!.index;
      const lastSegment = Math.min(first + Math.floor(((last - first) * 2) / 3), heldFrom - 1);
      if (lastSegment <= first) {
        this.#begun = undefined;
        return;
      }
      const leftovers = await this.#tryCheckpoint({
        lastSegment,
        minTime,
        tombstonesFrom: Math.min(minTime, oldestOutOfOrder),
        compression: this.#compression,
        keptRefs:
          minTime <= this.#keepAllTo
            ? undefined
            : this.#keptRefs(keepsAliases ? -Infinity : minTime, lastSegment, liveRefs),
      });
      this.#begun = undefined;
      if (!keepsAliases) {
        for (const [ref, time] of this.#lastTimes) if (time < minTime) this.#lastTimes.delete(ref);
      }
      for (const [ref, segment] of this.#expiries) if (segment <= lastSegment) this.#expiries.delete(ref);
      if (leftovers.segments !== undefined) this.stats.failedTruncations++;
      if (leftovers.checkpoints !== undefined) this.stats.checkpointDeletionsFailed++;
      const reason = leftovers.segments ?? leftovers.checkpoints;
      if (reason !== undefined) throw new CheckpointLeftover(reason);
    } finally {
      this.stats.walTruncationSeconds += (this.#clock.monotonic() - start) / 1000;
    }
  }

  async #tryCheckpoint(request: CheckpointRequest): Promise<CheckpointLeftovers> {
    try {
      const leftovers = await this.#writeCheckpoint(this.#wal.dir, request);
      this.stats.checkpoints++;
      this.stats.checkpointDeletions++;
      return leftovers;
    } catch (cause) {
      this.stats.checkpointsFailed++;
      throw cause;
    }
  }

  /**
   * Returns the references of the head's series, and other references with which the logs may have samples from
   * `minTime` on.
   */
  #keptRefs(minTime: number, lastSegment: number, liveRefs: Uint32Array): Float64Array {
    const gone: number[] = [];
    for (const [ref, segment] of this.#expiries) if (segment > lastSegment) gone.push(ref);
    for (const [ref, time] of this.#lastTimes) if (time >= minTime) gone.push(ref);
    // The references are doubles, because the log of another program may have references beyond 32 bits.
    const kept = new Float64Array(liveRefs.length + gone.length);
    kept.set(liveRefs);
    kept.set(gone, liveRefs.length);
    return kept;
  }
}
