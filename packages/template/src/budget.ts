import { itemsOf, type Value } from "./value.ts";

/** Limits of one run of a template. */
export interface RenderLimits {
  /**
   * Maximum number of statements and iterations; long texts in calls count as several. A step takes about half a
   * microsecond.
   */
  readonly steps: number;
  /** Maximum length of the output and of any intermediate text, in UTF-16 units. */
  readonly length: number;
}

/** Enough for a mail of 100,000 alerts; an endless template stops after some seconds. */
export const DEFAULT_LIMITS: RenderLimits = { steps: 10_000_000, length: 128 * 1024 * 1024 };

/** Number of characters that a call handles in the time of one step. */
const CHARACTERS_PER_STEP = 64;
/** Number of elements that a call copies in the time of one step. */
const ELEMENTS_PER_STEP = 16;

/** The remaining limits of a run. */
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

  /** Uses up steps. Returns an error message if too few are left. */
  step(count = 1): string | undefined {
    this.#steps -= count;
    if (this.#steps >= 0) return undefined;
    return `the template takes more than ${this.#limits.steps} steps: does a loop or a template that calls itself not end?`;
  }

  /** Uses up output length. Returns an error message if too little is left. */
  print(text: string): string | undefined {
    this.#length -= text.length;
    return this.#length >= 0 ? undefined : this.#tooLong("the output");
  }

  /** Uses up the cost of passing a value to or from a call. Returns an error message if its text would be too long. */
  value(value: Value): string | undefined {
    let steps = 0;
    if (typeof value === "string") steps = value.length / CHARACTERS_PER_STEP;
    else if (typeof value === "object") steps = (itemsOf(value)?.length ?? 0) / ELEMENTS_PER_STEP;
    else return undefined;
    if (this.#sizeOf(value) > this.#limits.length) return this.#tooLong("a value");
    return steps < 1 ? undefined : this.step(steps);
  }

  /**
   * Returns the approximate length of a value's text: a list may contain the same list many times without using memory.
   */
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
