/** Words: the running job, and the last acknowledged ping. */
const CURRENT = 0;
const ANSWERED = 1;

/**
 * Shared memory in which a worker records, without posting, its running job and whether it still reads its messages.
 */
export class Heartbeat {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** The job with the last turn; 0 before the first. */
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
