/** Positions in the shared array: number of the running job, and of the last ping that was answered. */
const CURRENT = 0;
const ANSWERED = 1;

/**
 * Memory in which a worker thread shows which job it runs and whether it still receives messages. The memory is shared,
 * so the main thread can read it even if the worker thread hangs.
 */
export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Number of the job that last had a turn; 0 if there was none. */
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
