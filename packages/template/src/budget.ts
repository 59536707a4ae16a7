import { itemsOf, type Value } from "./value.ts";

export interface RenderLimits {
  /**
   * Maximum number of steps. Each statement and each iteration is one step; a function call with long texts counts as
   * several. A step takes about half a microsecond.
   */
  readonly steps: number;
  /** Maximum length of the output and of any text in between, in UTF-16 units. */
  readonly length: number;
}

/** Default limits: enough for a mail about 100,000 alerts. An endless template is stopped after some seconds. */
export const DEFAULT_LIMITS: RenderLimits = { steps: 10_000_000, length: 128 * 1024 * 1024 };

/** Number of characters that a function processes in the time of one step. */
const CHARACTERS_PER_STEP = 64;
/** Number of list elements that a function copies in the time of one step. */
const ELEMENTS_PER_STEP = 16;

/** Counts the steps and the output length that are left for rendering a template. */
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

  /** Subtracts steps from the budget. Returns an error message if the steps are used up, otherwise undefined. */
  step(count = 1): string | undefined {
    this.#steps -= count;
    if (this.#steps >= 0) return undefined;
    return `the template takes more than ${this.#limits.steps} steps: does a loop or a template that calls itself not end?`;
  }

  /**
   * Subtracts the length of a text from the budget. Returns an error message if the length is used up, otherwise
   * undefined.
   */
  print(text: string): string | undefined {
    this.#length -= text.length;
    return this.#length >= 0 ? undefined : this.#tooLong("the output");
  }

  /**
   * Subtracts the steps for passing a value to or from a function. Returns an error message if the text of the value
   * would be too long, or no steps are left.
   */
  value(value: Value): string | undefined {
    let steps = 0;
    if (typeof value === "string") steps = value.length / CHARACTERS_PER_STEP;
    else if (typeof value === "object") steps = (itemsOf(value)?.length ?? 0) / ELEMENTS_PER_STEP;
    else return undefined;
    if (this.#sizeOf(value) > this.#limits.length) return this.#tooLong("a value");
    return steps < 1 ? undefined : this.step(steps);
  }

  /**
   * Returns the approximate length of a value as text. A small value can have a long text, because a list may contain
   * the same list many times.
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
