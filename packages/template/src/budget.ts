import { itemsOf, type Value } from "./value.ts";

/** How much one run of a template may do. */
export interface RenderLimits {
  /** Statements and turns of loops; long texts in calls count as several. A step takes about half a microsecond. */
  readonly steps: number;
  /** Longest output, and longest single text on the way to it, UTF-16 units. */
  readonly length: number;
}

/** Enough for a mail of 100,000 alerts; some seconds for a template that never ends. */
export const DEFAULT_LIMITS: RenderLimits = { steps: 10_000_000, length: 128 * 1024 * 1024 };

/** Characters that a call handles in the time of one step. */
const CHARACTERS_PER_STEP = 64;
/** Elements that a call copies in the time of one step. */
const ELEMENTS_PER_STEP = 16;

/** What is left of a run's limits. */
export class Budget {
  readonly #limits: RenderLimits;
  #steps: number;
  #length: number;
  readonly #sizes = new WeakMap<object, number>();

  constructor(limits: RenderLimits) {
    this.#limits = limits;
    this.#steps = limits.steps;
    this.#length = limits.length;
  }

  /** Spends steps; the complaint when there are none left. */
  step(count = 1): string | undefined {
    this.#steps -= count;
    if (this.#steps >= 0) return undefined;
    return `the template takes more than ${this.#limits.steps} steps: does a loop or a template that calls itself not end?`;
  }

  /** Spends room for output; the complaint when there is none left. */
  print(text: string): string | undefined {
    this.#length -= text.length;
    return this.#length >= 0 ? undefined : this.#tooLong("the output");
  }

  /** Spends what handing a value to or from a call costs; the complaint when it would print too long. */
  value(value: Value): string | undefined {
    let steps = 0;
    if (typeof value === "string") steps = value.length / CHARACTERS_PER_STEP;
    else if (typeof value === "object") steps = (itemsOf(value)?.length ?? 0) / ELEMENTS_PER_STEP;
    else return undefined;
    if (this.#sizeOf(value) > this.#limits.length) return this.#tooLong("a value");
    return steps < 1 ? undefined : this.step(steps);
  }

  /** About how long a value prints: a list may hold itself many times over without taking room. */
  #sizeOf(value: Value): number {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null) return 1;
    const items = itemsOf(value) ?? (value instanceof Map ? [...(value.values() as Iterable<Value>)] : undefined);
    if (items === undefined) return 1;
    let size = this.#sizes.get(value);
    if (size === undefined) {
      size = 1;
      for (const item of items) size += 1 + this.#sizeOf(item);
      this.#sizes.set(value, size);
    }
    return size;
  }

  #tooLong(what: string): string {
    return `${what} gets longer than ${this.#limits.length} characters`;
  }
}
