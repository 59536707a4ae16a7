import type { Clock, Steps } from "@narthex/runtime";
import { type CheckpointRequest, runCheckpoint } from "./checkpoint.ts";
import type { CheckpointLeftovers } from "./replace-by-checkpoint.ts";
import type { WalCompression } from "./compression.ts";
import { listSegments } from "./segment.ts";
import type { WalWriter } from "./writer.ts";

/** References that are recorded in one step. */
const REFS_PER_STEP = 4096;

/** Further data that a truncation must keep. */
export interface TruncationOptions {
  /** Time of the oldest out-of-order sample, ms: later deletions stay in the log. Default: none. */
  readonly oldestOutOfOrder?: number;
  /** Segments from this one on stay unchanged. Default: none. */
  readonly heldFrom?: number;
  /** Whether all references of keepForSamples() stay known, whatever the time of their samples. */
  readonly keepsAliases?: boolean;
}

/**
 * A checkpoint is written, but the system did not remove the files that it replaces. The next checkpoint removes them.
 */
export class CheckpointLeftover extends Error {
  override readonly name = "CheckpointLeftover";

  constructor(reason: string) {
    super(`the checkpoint is made, but what it replaces is left: ${reason}`);
  }
}

/** Replaces the older two thirds of the log by a checkpoint of the records that are still needed. */
export class WalTruncation {
  readonly facts = {
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
  /** Last segment that may have samples with a reference whose series is no longer in the head. */
  readonly #expiries = new Map<number, number>();
  /** Time, ms, of the newest sample that the log may have with a further reference of a series. */
  readonly #lastTimes = new Map<number, number>();
  /** As long as samples up to this time, ms, count, no series may be dropped. */
  #keepAllTo = -Infinity;

  /** @param writeCheckpoint writes a checkpoint, for instance on another thread; by default on this one, in slices */
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

  /** Keeps the reference known as long as this segment exists. */
  keepUntil(ref: number, segment: number): void {
    this.#expiries.set(ref, segment);
  }

  /** Does the same for many references, in steps. */
  *keepAllUntil(refs: readonly number[], segment: number): Steps<void> {
    for (const [i, ref] of refs.entries()) {
      if (i % REFS_PER_STEP === REFS_PER_STEP - 1) yield;
      this.#expiries.set(ref, segment);
    }
  }

  /** Keeps the reference known as long as the log may have samples with it; the newest has this time. */
  keepForSamples(ref: number, lastTime: number): void {
    this.#lastTimes.set(ref, lastTime);
  }

  /** Called if the beginning of the log was not read: it may have samples up to this time, with any reference. */
  keepAllTo(time: number): void {
    this.#keepAllTo = time;
  }

  /** Number of references that are kept although their series are no longer in the head. */
  get expiring(): number {
    return this.#expiries.size;
  }

  /** Must the reference stay known although its series is no longer in the head? */
  isExpiring(ref: number): boolean {
    return this.#expiries.has(ref);
  }

  /** Truncates the log; samples from `minTime` on stay. `liveRefs` are the references of the series in the head. */
  async run(
    minTime: number,
    liveRefs: Uint32Array,
    { oldestOutOfOrder = Infinity, heldFrom = Infinity, keepsAliases = false }: TruncationOptions = {},
  ): Promise<void> {
    const start = this.#clock.monotonic();
    this.facts.walTruncations++;
    try {
      const last = this.#wal.nextSegment() - 1;
      // There is one now, even if none could be created before.
      const first = listSegments(this.#wal.dir, this.#wal.files)[0]!.index;
      const lastSegment = Math.min(first + Math.floor(((last - first) * 2) / 3), heldFrom - 1);
      if (lastSegment <= first) return;
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
      if (!keepsAliases) {
        for (const [ref, time] of this.#lastTimes) if (time < minTime) this.#lastTimes.delete(ref);
      }
      for (const [ref, segment] of this.#expiries) if (segment <= lastSegment) this.#expiries.delete(ref);
      if (leftovers.segments !== undefined) this.facts.failedTruncations++;
      if (leftovers.checkpoints !== undefined) this.facts.checkpointDeletionsFailed++;
      const reason = leftovers.segments ?? leftovers.checkpoints;
      if (reason !== undefined) throw new CheckpointLeftover(reason);
    } finally {
      this.facts.walTruncationSeconds += (this.#clock.monotonic() - start) / 1000;
    }
  }

  async #tryCheckpoint(request: CheckpointRequest): Promise<CheckpointLeftovers> {
    try {
      const leftovers = await this.#writeCheckpoint(this.#wal.dir, request);
      this.facts.checkpoints++;
      this.facts.checkpointDeletions++;
      return leftovers;
    } catch (cause) {
      this.facts.checkpointsFailed++;
      throw cause;
    }
  }

  /** References of the head's series, and others with which the logs may have samples from `minTime` on. */
  #keptRefs(minTime: number, lastSegment: number, liveRefs: Uint32Array): Float64Array {
    const gone: number[] = [];
    for (const [ref, segment] of this.#expiries) if (segment > lastSegment) gone.push(ref);
    for (const [ref, time] of this.#lastTimes) if (time >= minTime) gone.push(ref);
    // The log of another program may have references beyond 32 bits.
    const kept = new Float64Array(liveRefs.length + gone.length);
    kept.set(liveRefs);
    kept.set(gone, liveRefs.length);
    return kept;
  }
}
