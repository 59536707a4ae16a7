/** Index in the shared array of the running job's number. The next constant is the index of the last answered ping. */
const CURRENT = 0;
const ANSWERED = 1;

/**
 * Shared memory in which a worker thread shows which job it runs and whether it still receives messages. The main
 * thread can read this memory even if the worker thread hangs.
 */
export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** Number of the job that had a turn last; 0 before the first turn. */
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
