/** Positions of the words: the running job, and the ping that was acknowledged last. */
const CURRENT = 0;
const ANSWERED = 1;

/**
 * Shared memory in which a worker records which job it runs and whether it still reads its messages. Posting messages
 * is not needed for it.
 */
export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Number of the job that had the last turn; 0 before the first. */
  get currentJob(): number {
    return Atomics.load(this.#words, CURRENT);
  }

  get acknowledgedPing(): number {
    return Atomics.load(this.#words, ANSWERED);
  }

  beginJob(job: number): void {
    Atomics.store(this.#words, CURRENT, job);
  }

  acknowledge(ping: number): void {
    Atomics.store(this.#words, ANSWERED, ping);
  }
}
