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

/** Longest list that is converted and written at once. */
const MAX_AT_ONCE = 100;

/** Returns a list for JSON: lazy if it is long, else an array, which costs less. */
export const listForJson = <T>(items: readonly T[], convert: (item: T) => unknown): readonly unknown[] | LazyList<T> =>
  items.length > MAX_AT_ONCE ? new LazyList(items, convert) : items.map(convert);

/** Levels of a value whose members are written one by one. Deeper values are written at once. */
const MAX_LEVELS = 7;

type Print = (value: unknown) => string | undefined;

const printPlain: Print = (value) => JSON.stringify(value);

/**
 * Writes a value as JSON, and hands each part to `write`. The task can be interrupted after each part. An item of a lazy
 * list is one part, unless it has a lazy list itself.
 */
export function* writeJson(
  value: unknown,
  write: (part: string) => void,
  print = printPlain,
  levels = MAX_LEVELS,
): Steps<void> {
  yield;
  if (levels === 0 || typeof value !== "object" || value === null) {
    write(print(value) ?? "null");
    return;
  }
  const isList = Symbol.iterator in value;
  let separator = isList ? "[" : "{";
  if (isList)
    for (const item of value as Iterable<unknown>) {
      write(separator);
      separator = ",";
      const isPart = value instanceof LazyList && !hasLazyList(item);
      yield* writeJson(item, write, print, isPart ? 0 : levels - 1);
    }
  else
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      write(`${separator}${print(name)}:`);
      separator = ",";
      yield* writeJson(member, write, print, levels - 1);
    }
  write(separator === "," ? (isList ? "]" : "}") : isList ? "[]" : "{}");
}

const hasLazyList = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.values(value).some((member) => member instanceof LazyList);
