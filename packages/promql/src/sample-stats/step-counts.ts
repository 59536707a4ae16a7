import type { SampleBudget } from "../budget.ts";

/** A number per step, which takes memory only if steps differ. */
export class StepCounts {
  readonly steps: number;
  readonly #budget: SampleBudget;
  /** Number that every step has in addition to `#more`. */
  #each = 0;
  #more: Float64Array | undefined;

  constructor(steps: number, budget: SampleBudget) {
    this.steps = steps;
    this.#budget = budget;
  }

  /** Whether all steps have the same number. */
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

  /** The numbers of steps in addition to the common one, for additions. */
  uneven(): Float64Array {
    if (this.#more === undefined) {
      this.#budget.take(0, 8 * this.steps);
      this.#more = new Float64Array(this.steps);
    }
    return this.#more;
  }

  /** Releases the memory when the numbers are no longer needed. */
  release(): void {
    if (this.#more !== undefined) this.#budget.release(0, 8 * this.steps);
    this.#more = undefined;
  }
}
