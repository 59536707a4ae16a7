import type { Steps } from "./time-slice.ts";

/** A list for JSON whose items are converted when they are written. */
export class LazyList<T> implements Iterable<unknown> {
  readonly #items: readonly T[];
  readonly #convert: (item: T) => unknown;

  constructor(items: readonly T[], convert: (item: T) => unknown) {
    this.#items = items;
    this.#convert = convert;
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (const item of this.#items) yield this.#convert(item);
  }

  toJSON(): readonly unknown[] {
    return [...this];
  }
}

/** Levels of a value whose members are written one by one. Deeper values are written at once. */
const MAX_LEVELS = 7;

interface Form {
  /** Prints a value at once. */
  readonly print: (value: unknown) => string | undefined;
  readonly levels: number;
}

const PLAIN: Form = { print: (value) => JSON.stringify(value), levels: MAX_LEVELS };

/**
 * Writes a value as JSON, and hands each part to `write`. The task can be interrupted after each part. Lists of the
 * value can be lazy.
 */
export function* writeJson(
  value: unknown,
  write: (part: string) => void,
  { print, levels = MAX_LEVELS }: Pick<Form, "print"> & Partial<Form> = PLAIN,
): Steps<void> {
  yield;
  if (levels === 0 || typeof value !== "object" || value === null) {
    write(print(value) ?? "null");
    return;
  }
  const form = { print, levels: levels - 1 };
  const isList = Symbol.iterator in value;
  let separator = isList ? "[" : "{";
  if (isList)
    for (const item of value as Iterable<unknown>) {
      write(separator);
      separator = ",";
      yield* writeJson(item, write, form);
    }
  else
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      write(`${separator}${print(name)}:`);
      separator = ",";
      yield* writeJson(member, write, form);
    }
  write(separator === "," ? (isList ? "]" : "}") : isList ? "[]" : "{}");
}
