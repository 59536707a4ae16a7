import type { Clock } from "@narthex/runtime";
import { writeCheckpoint } from "./checkpoint.ts";
import type { WalCompression } from "./compression.ts";
import { listSegments } from "./segment.ts";
import type { WalWriter } from "./writer.ts";

/** Replaces the older two thirds of the log by a checkpoint of what is still needed. */
export class WalTruncation {
  readonly facts = {
    checkpoints: 0,
    checkpointsFailed: 0,
    checkpointDeletions: 0,
    walTruncations: 0,
    walTruncationSeconds: 0,
    failedTruncations: 0,
  };
  readonly #wal: WalWriter;
  readonly #compression: WalCompression;
  readonly #clock: Clock;
  /** Last segment that may hold samples under a reference whose series is gone from the head. */
  readonly #expiries = new Map<number, number>();

  /** Time, ms, of the newest sample that the log may hold under a reference that is not its series' own. */
  readonly #lastTimes = new Map<number, number>();

  /** No series may be dropped while samples up to this time count, ms. */
  #keepAllTo = -Infinity;

  constructor(wal: WalWriter, compression: WalCompression, clock: Clock) {
    this.#wal = wal;
    this.#compression = compression;
    this.#clock = clock;
  }

  /** The reference must stay known as long as this segment exists. */
  keepUntil(ref: number, segment: number): void {
    this.#expiries.set(ref, segment);
  }

  /** The reference must stay known as long as the log may hold samples under it, the newest of this time. */
  keepForSamples(ref: number, lastTime: number): void {
    this.#lastTimes.set(ref, lastTime);
  }

  /** The beginning of the log was not read: samples up to this time may lie there under any reference. */
  keepAllTo(time: number): void {
    this.#keepAllTo = time;
  }

  /** Samples from `minTime` on stay in the log, and deletions of what is as old as the oldest late sample. */
  async run(minTime: number, isLive: (ref: number) => boolean, oldestLate = Infinity): Promise<void> {
    const start = this.#clock.monotonic();
    this.facts.walTruncations++;
    try {
      const [first] = listSegments(this.#wal.dir, this.#wal.files);
      const last = this.#wal.nextSegment() - 1;
      const lastSegment = first!.index + Math.floor(((last - first!.index) * 2) / 3);
      if (lastSegment <= first!.index) return;
      await writeCheckpoint(this.#wal.dir, {
        lastSegment,
        minTime,
        tombstonesFrom: Math.min(minTime, oldestLate),
        compression: this.#compression,
        files: this.#wal.files,
        keepSeries: (ref) =>
          minTime <= this.#keepAllTo ||
          isLive(ref) ||
          (this.#expiries.get(ref) ?? -1) > lastSegment ||
          (this.#lastTimes.get(ref) ?? -Infinity) >= minTime,
      });
      this.facts.checkpoints++;
      this.facts.checkpointDeletions++;
      for (const [ref, time] of this.#lastTimes) if (time < minTime) this.#lastTimes.delete(ref);
      for (const [ref, segment] of this.#expiries) if (segment <= lastSegment) this.#expiries.delete(ref);
    } catch (cause) {
      this.facts.checkpointsFailed++;
      this.facts.failedTruncations++;
      throw cause;
    } finally {
      this.facts.walTruncationSeconds += (this.#clock.monotonic() - start) / 1000;
    }
  }
}
