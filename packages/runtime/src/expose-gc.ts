import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Amount and kind of a garbage collection. By default V8 collects everything and stops the thread meanwhile. */
interface CollectionOptions {
  readonly type: "major";
  readonly execution: "sync" | "async";
  /** "last-resort" collects several times and keeps no spare memory. */
  readonly flavor: "last-resort" | "regular";
}

/**
 * Collects garbage. Returns a promise that resolves when the collection has ended, or undefined if it is synchronous.
 */
export type Collect = (options?: CollectionOptions) => Promise<void> | undefined;

/**
 * Returns V8's function for garbage collection, also if the process was started without --expose-gc. Undefined if this
 * V8 does not have the function.
 */
export function exposeGc(): Collect | undefined {
  // Sets the flag for contexts that are created later.
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("typeof gc === 'function' ? gc : undefined");
  // Restores the original flags, because V8 uses its cache of compiled code only if the flags are unchanged.
  setFlagsFromString("--no-expose-gc");
  return typeof collect === "function" ? (collect as Collect) : undefined;
}
