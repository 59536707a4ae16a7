import type { Clock } from "@narthex/runtime";
import { comparePositions, type LogPosition } from "../position/log-position.ts";
import { SampleBatch } from "../message/sample-batch.ts";

export interface ShardOptions {
  readonly clock: Clock;
  /** Number of entries of a batch. */
  readonly batchSize: number;
  /** Number of full batches that may wait. */
  readonly waitingBatches: number;
  /** A batch is sent this long after its first entry, full or not, ms. */
  readonly deadlineMs: number;
  /**
   * Sends a batch, however long it takes; resolves with true when it is done, and false if it was abandoned for now.
   */
  readonly send: (batch: SampleBatch) => Promise<boolean>;
  /** Keeps the positions of all shards; resolves when they are stored. */
  readonly keep: () => Promise<void>;
}

/** Sends the entries of some series, one batch after the other, so that those of a series arrive in order. */
export class Shard {
  /** The receiver has accepted or refused all entries of the log up to here. */
  acknowledged: LogPosition;
  /** The end of the batch that is being sent; the receiver may have it. */
  inFlight: LogPosition | undefined;
  /** No batch may cross this position: the batch before it was sent by a process that did not get the response. */
  #boundary: LogPosition | undefined;
  readonly #options: ShardOptions;
  #current: SampleBatch;
  readonly #waiting: SampleBatch[] = [];
  readonly #spare: SampleBatch[] = [];
  #isSending = false;
  #isGivenUp = false;
  #isOverdue = false;
  #cancelDeadline: (() => void) | undefined;
  #change = Promise.withResolvers<void>();

  constructor(options: ShardOptions, acknowledged: LogPosition, boundary: LogPosition | undefined) {
    this.#options = options;
    this.acknowledged = acknowledged;
    this.#boundary = boundary;
    this.inFlight = boundary;
    this.#current = new SampleBatch(options.batchSize);
  }

  /** Does it have nothing to send? */
  get isIdle(): boolean {
    return !this.#isSending && this.#waiting.length === 0 && this.#current.count === 0;
  }

  /** The batch for the next entry of the log; undefined while there is no room. */
  batchFor(segment: number, offset: number, entry: number): SampleBatch | undefined {
    const boundary = this.#boundary;
    if (boundary !== undefined && comparePositions({ segment, offset, entry }, boundary) > 0) {
      this.#boundary = undefined;
      if (this.#current.count > 0) this.#seal();
      else if (!this.#isSending && this.#waiting.length === 0) this.inFlight = undefined;
    }
    if (this.#current.count === this.#current.capacity) {
      if (this.#waiting.length >= this.#options.waitingBatches) return undefined;
      this.#seal();
    }
    return this.#current;
  }

  /** Records that an entry was added to the batch of batchFor(). */
  added(): void {
    const batch = this.#current;
    if (batch.count === batch.capacity) {
      if (this.#waiting.length < this.#options.waitingBatches) this.#seal();
    } else if (this.#cancelDeadline === undefined && !this.#isOverdue) {
      this.#cancelDeadline = this.#options.clock.after(this.#options.deadlineMs, () => {
        this.#cancelDeadline = undefined;
        this.#isOverdue = true;
        this.#sealOverdue();
      });
    }
  }

  /** Resolves when something has been sent. */
  get change(): Promise<void> {
    return this.#change.promise;
  }

  /** Resolves when all entries so far are done or abandoned, and no request is in progress. */
  async flush(): Promise<void> {
    while (this.#isSending || (!this.isIdle && !this.#isGivenUp)) {
      if (!this.#isGivenUp && this.#current.count > 0 && this.#waiting.length === 0) this.#seal();
      await this.change;
    }
  }

  /** Drops all entries that are not being sent. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#cancelDeadline?.();
    this.#wake();
  }

  #sealOverdue(): void {
    if (!this.#isOverdue || this.#waiting.length > 0 || this.#current.count === 0) return;
    this.#seal();
  }

  #seal(): void {
    this.#cancelDeadline?.();
    this.#cancelDeadline = undefined;
    this.#isOverdue = false;
    this.#waiting.push(this.#current);
    this.#current = this.#spare.pop() ?? new SampleBatch(this.#options.batchSize);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let batch = this.#waiting[0]; batch !== undefined && !this.#isGivenUp; batch = this.#waiting[0]) {
      this.inFlight = batch.end;
      await this.#options.keep();
      const isDone = await this.#options.send(batch);
      if (!isDone) {
        this.#isGivenUp = true;
        break;
      }
      this.acknowledged = batch.end;
      this.inFlight = undefined;
      this.#waiting.shift();
      batch.clear();
      this.#spare.push(batch);
      // A full batch stays the current one while the largest number of batches waits.
      if (this.#current.count === this.#current.capacity) this.#seal();
      this.#sealOverdue();
      this.#wake();
    }
    this.#isSending = false;
    this.#wake();
  }

  #wake(): void {
    const { resolve } = this.#change;
    this.#change = Promise.withResolvers();
    resolve();
  }
}
