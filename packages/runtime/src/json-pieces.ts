import type { Steps } from "@narthex/runtime";

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
const MAX_LEVELS = 5;

/** Writes a value as JSON, and hands each part to `write`. The task can be interrupted after each part. */
export function* writeJson(value: unknown, write: (part: string) => void, levels = MAX_LEVELS): Steps<void> {
  yield;
  if (levels === 0 || typeof value !== "object" || value === null) {
    write(JSON.stringify(value) ?? "null");
    return;
  }
  const isList = Symbol.iterator in value;
  let separator = isList ? "[" : "{";
  if (isList)
    for (const item of value as Iterable<unknown>) {
      write(separator);
      separator = ",";
      yield* writeJson(item, write, levels - 1);
    }
  else
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      write(`${separator}${JSON.stringify(name)}:`);
      separator = ",";
      yield* writeJson(member, write, levels - 1);
    }
  write(separator === "," ? (isList ? "]" : "}") : isList ? "[]" : "{}");
}
