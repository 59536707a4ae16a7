const REUSED_STEPS = 0;
const EVALUATED_STEPS = 1;
const SHARED_EVALUATIONS = 2;

/** Counts the work that cached results saved, in memory that all threads share. The counters wrap around at 2^32. */
export class ReuseCounters {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Uint32Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(12)) {
    this.buffer = buffer;
    this.#words = new Uint32Array(buffer);
  }

  /** Number of evaluation times of range queries that were answered from the cache. */
  get reusedSteps(): number {
    return Atomics.load(this.#words, REUSED_STEPS);
  }

  /** Number of evaluation times of range queries that were computed, although the queries' results can be cached. */
  get evaluatedSteps(): number {
    return Atomics.load(this.#words, EVALUATED_STEPS);
  }

  /** Number of queries that used the result of an identical running query. */
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
