import type { SampleBudget } from "../budget.ts";

/** A number for each evaluation time. Needs memory for each time only if the numbers differ. */
export class StepCounts {
  readonly steps: number;
  readonly #budget: SampleBudget;
  /** The common part of all numbers. The number at evaluation time i is `#each` plus `#more[i]`. */
  #each = 0;
  #more: Float64Array | undefined;

  constructor(steps: number, budget: SampleBudget) {
    this.steps = steps;
    this.#budget = budget;
  }

  /** Whether the number is the same at all evaluation times. */
  get even(): boolean {
    return this.#more === undefined;
  }

  get sum(): number {
    return this.#each * this.steps + (this.#more?.reduce((sum, value) => sum + value, 0) ?? 0);
  }

  at(step: number): number {
    return this.#each + (this.#more?.[step] ?? 0);
  }

  addToEach(count: number): void {
    this.#each += count;
  }

  addAt(step: number, count: number): void {
    this.uneven()[step]! += count;
  }

  addAll(other: StepCounts): void {
    this.#each += other.#each;
    if (other.#more === undefined) return;
    const more = this.uneven();
    for (let step = 0; step < more.length; step++) more[step]! += other.#more[step]!;
  }

  /**
   * Returns, for each evaluation time, the part of the number that is added to the common part `#each`. The caller may
   * add to these parts.
   */
  uneven(): Float64Array {
    if (this.#more === undefined) {
      this.#budget.take(0, 8 * this.steps);
      this.#more = new Float64Array(this.steps);
    }
    return this.#more;
  }

  /** Releases the memory. Must be called when the numbers are no longer needed. */
  release(): void {
    if (this.#more !== undefined) this.#budget.release(0, 8 * this.steps);
    this.#more = undefined;
  }
}
