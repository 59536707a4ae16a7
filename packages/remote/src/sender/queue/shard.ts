import type { Clock } from "@narthex/runtime";
import { comparePositions, type LogPosition } from "../position/log-position.ts";
import { SampleBatch } from "../message/sample-batch.ts";

export interface ShardOptions {
  readonly clock: Clock;
  /** Maximum number of entries in a batch. */
  readonly batchSize: number;
  /** Maximum number of full batches that wait to be sent. */
  readonly waitingBatches: number;
  /** Longest time in ms that the first entry of a batch waits. Afterwards the batch is sent even if it is not full. */
  readonly deadlineMs: number;
  /**
   * Sends a batch, with several attempts if necessary. Resolves with true when the batch is accepted or refused, and
   * with false if it was abandoned.
   */
  readonly send: (batch: SampleBatch) => Promise<boolean>;
  /** Stores the positions of all shards. Resolves when they are stored. */
  readonly keep: () => Promise<void>;
}

/**
 * Sends the entries of a part of the queue's series. Sends one batch after the other, so that the entries of each
 * series arrive in order.
 */
export class Shard {
  /** Position in the write-ahead log up to which the receiver has accepted or refused all entries. */
  acknowledged: LogPosition;
  /**
   * End position, in the write-ahead log, of the batch that is being sent. The receiver may already have this batch.
   */
  inFlight: LogPosition | undefined;
  /**
   * Position at which the next batch must end. The end stays the same so that a batch whose response was lost in a crash is sent again unchanged.
   */
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

  /** Whether the shard has no entries to send. */
  get isIdle(): boolean {
    return !this.#isSending && this.#waiting.length === 0 && this.#current.count === 0;
  }

  /** Returns the batch to which the next entry of the log must be added; undefined while the shard has no room. */
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

  /** Must be called after an entry was added to the batch that batchFor() returned. */
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

  /** Resolves when the next batch was sent or abandoned. The shard may then have room. */
  get change(): Promise<void> {
    return this.#change.promise;
  }

  /**
   * Resolves when all entries that were queued before the call were sent or abandoned, and the shard has no request in
   * progress.
   */
  async flush(): Promise<void> {
    while (this.#isSending || (!this.isIdle && !this.#isGivenUp)) {
      if (!this.#isGivenUp && this.#current.count > 0 && this.#waiting.length === 0) this.#seal();
      await this.change;
    }
  }

  /** Drops all waiting entries. Entries that are being sent stay. */
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
      // Queues the current batch if it is full. A full batch stays current while the maximum number of batches is
      // waiting.
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
