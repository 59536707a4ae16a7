const REUSED_STEPS = 0;
const EVALUATED_STEPS = 1;
const SHARED_EVALUATIONS = 2;

/** What all threads together have spared, in shared memory. All wrap around at 2^32. */
export class ReuseCounters {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Uint32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#words = new Uint32Array(buffer);
  }

  /** Steps of range queries that were taken from the cache. */
  get reusedSteps(): number {
    return Atomics.load(this.#words, REUSED_STEPS);
  }

  /** Steps of range queries that were evaluated, of those whose results can be kept. */
  get evaluatedSteps(): number {
    return Atomics.load(this.#words, EVALUATED_STEPS);
  }

  /** Queries that were answered with the result of another that ran at the same time. */
  get sharedEvaluations(): number {
    return Atomics.load(this.#words, SHARED_EVALUATIONS);
  }

  countSteps(reused: number, evaluated: number): void {
    Atomics.add(this.#words, REUSED_STEPS, reused);
    Atomics.add(this.#words, EVALUATED_STEPS, evaluated);
  }

  countShared(): void {
    Atomics.add(this.#words, SHARED_EVALUATIONS, 1);
  }
}
